/** XML: a small tree that is read within bounds, and a writer that escapes. */
export { XmlElement } from './element.ts';
export type { XmlAttribute, XmlDeclaration, XmlNode, XmlSpan } from './element.ts';
export { XML_LIMITS, parseXml, sourceOf } from './parse.ts';
export type { XmlDocument, XmlLimits } from './parse.ts';
export { serialiseXml } from './serialise.ts';
export { Markup, escapeXmlText, escapeXmlValue, xmlDocument, xmlElement } from './write.ts';
export type { XmlAttributes, XmlContent } from './write.ts';
export { XmlErrors } from './errors.ts';
