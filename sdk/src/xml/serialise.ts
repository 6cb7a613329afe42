/** Elements of a tree back to text. */
import type { XmlDeclaration, XmlElement } from './element.ts';
import { Markup, escapeXmlText, escapeXmlValue } from './write.ts';

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

/**
 * The element as markup that can stand anywhere: what it uses and others declared is declared on it. Attributes and text keep their order;
 * prefixes stay. Exclusive canonicalisation gives the same for this as for the original.
 */
export function serialiseXml(element: XmlElement): Markup {
  const parts: string[] = [];
  write(element, new Map([['', '']]), parts);
  return new Markup(parts.join(''));
}

/** @param scope namespaces by prefix, as the reader of what is written so far sees them */
function write(element: XmlElement, scope: ReadonlyMap<string, string>, parts: string[]): void {
  const declarations = neededHere(element, scope);
  const inside = declarations.length === 0 ? scope : new Map([...scope, ...declarations.map((d) => [d.prefix, d.namespace] as const)]);
  const name = qualified(element.prefix, element.local);
  parts.push('<', name);
  for (const { prefix, namespace } of declarations)
    parts.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, escapeXmlValue(namespace), '"');
  for (const { prefix, local, value } of element.attributes) parts.push(' ', qualified(prefix, local), '="', escapeXmlValue(value), '"');
  if (element.children.length === 0) {
    parts.push('/>');
    return;
  }
  parts.push('>');
  for (const child of element.children) {
    if (typeof child === 'string') parts.push(escapeXmlText(child));
    else write(child, inside, parts);
  }
  parts.push('</', name, '>');
}

/** Its own declarations, and those of the prefixes in its names that are not in scope. */
function neededHere(element: XmlElement, scope: ReadonlyMap<string, string>): XmlDeclaration[] {
  const declared = new Map(element.declarations.map((d) => [d.prefix, d.namespace]));
  const used = [element, ...element.attributes.filter(({ prefix }) => prefix !== '')];
  for (const { prefix, namespace } of used) {
    if (namespace === XML_NAMESPACE || declared.has(prefix) || scope.get(prefix) === namespace) continue;
    declared.set(prefix, namespace);
  }
  return [...declared].map(([prefix, namespace]) => ({ prefix, namespace }));
}

function qualified(prefix: string, local: string): string {
  return prefix === '' ? local : `${prefix}:${local}`;
}
