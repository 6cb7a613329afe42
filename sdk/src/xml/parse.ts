/** Reads XML that strangers send: no DTD, no entities but the five of XML itself, everything that can grow has a bound. */
import { decodeXml } from './decode.ts';
import { XmlElement } from './element.ts';
import type { XmlAttribute, XmlDeclaration, XmlNode } from './element.ts';
import { XmlErrors } from './errors.ts';
import { newSaxParser } from './saxes-parser.ts';
import type { SaxTag } from './saxes-parser.ts';

/** What one document may have. */
export interface XmlLimits {
  /** Bytes of a Buffer, UTF-16 units of a string. */
  readonly size: number;
  /** Elements inside each other. */
  readonly depth: number;
  /** Elements in all. */
  readonly elements: number;
  /** On one element, declarations of namespaces counted. */
  readonly attributes: number;
}

/** What an XML document may have at most. */
export const XML_LIMITS: XmlLimits = { size: 1_048_576, depth: 64, elements: 20_000, attributes: 64 };

/** A document that was read. */
export interface XmlDocument {
  readonly root: XmlElement;
  /** The text that the spans of its elements speak of. */
  readonly text: string;
}

/**
 * Reads a document.
 * @param source bytes in UTF-8 or UTF-16, or text
 * @throws XML_MALFORMED, XML_FORBIDDEN (a DTD), XML_ENCODING, XML_TOO_LARGE, XML_LIMIT; the place of each is in its sentence
 */
export function parseXml(source: Buffer | string, limits: Partial<XmlLimits> = {}): XmlDocument {
  const bounds = { ...XML_LIMITS, ...limits };
  if (source.length > bounds.size) throw XmlErrors.XML_TOO_LARGE({ found: source.length, limit: bounds.size });
  const text = typeof source === 'string' ? source : decodeXml(source);
  return { root: new XmlReader(text, bounds).read(), text };
}

/** The text of an element exactly as it was sent; what is declared outside of it is not in there. */
export function sourceOf(document: XmlDocument, element: XmlElement): string {
  return document.text.slice(element.span.start, element.span.end);
}

interface OpenElement {
  readonly tag: SaxTag;
  readonly children: XmlNode[];
  readonly start: number;
}

class XmlReader {
  private readonly parser = newSaxParser();
  private readonly open: OpenElement[] = [];
  private root: XmlElement | undefined = undefined;
  private elements = 0;
  private attributes = 0;
  private tagStart = 0;

  constructor(
    private readonly source: string,
    private readonly limits: XmlLimits,
  ) {
    const { parser } = this;
    parser.on('opentagstart', ({ name }) => this.tag(name));
    parser.on('attribute', () => this.attribute());
    parser.on('opentag', (tag) => void this.open.push({ tag, children: [], start: this.tagStart }));
    parser.on('closetag', () => this.close());
    parser.on('text', (text) => this.characters(text));
    parser.on('cdata', (text) => this.characters(text));
    parser.on('doctype', () => this.forbid('a DOCTYPE'));
    parser.on('error', (error) => this.malformed(error));
  }

  read(): XmlElement {
    this.parser.write(this.source).close();
    return this.root ?? this.malformed(new Error('there is no element'));
  }

  /** Counts before the tag is complete: an element of a million attributes must not be built first. */
  private tag(name: string): void {
    this.tagStart = this.source.lastIndexOf('<', this.parser.position - name.length);
    this.attributes = 0;
    if (++this.elements > this.limits.elements) this.refuse(this.limits.elements, 'elements');
    if (this.open.length >= this.limits.depth) this.refuse(this.limits.depth, 'levels of elements');
  }

  private attribute(): void {
    if (++this.attributes > this.limits.attributes) this.refuse(this.limits.attributes, 'attributes on one element');
  }

  private close(): void {
    const { tag, children, start } = this.open.pop() as OpenElement;
    const { attributes, declarations } = attributesOf(tag);
    const span = { start, end: this.parser.position };
    const element = new XmlElement(tag.prefix, tag.local, tag.uri, attributes, declarations, children, span);
    const parent = this.open.at(-1);
    if (parent === undefined) this.root = element;
    else parent.children.push(element);
  }

  private characters(text: string): void {
    const children = this.open.at(-1)?.children;
    if (children === undefined || text === '') return; // white space around the root
    const last = children.at(-1);
    if (typeof last === 'string') children[children.length - 1] = last + text;
    else children.push(text);
  }

  private malformed(error: Error): never {
    throw XmlErrors.XML_MALFORMED({ ...this.place(), problem: plain(error.message) }, { cause: error });
  }

  private forbid(what: string): never {
    throw XmlErrors.XML_FORBIDDEN({ ...this.place(), what });
  }

  private refuse(limit: number, what: string): never {
    throw XmlErrors.XML_LIMIT({ ...this.place(), limit, what });
  }

  private place(): { line: number; column: number } {
    return { line: this.parser.line, column: this.parser.column };
  }
}

function attributesOf(tag: SaxTag): { attributes: readonly XmlAttribute[]; declarations: readonly XmlDeclaration[] } {
  const attributes: XmlAttribute[] = [];
  const declarations: XmlDeclaration[] = [];
  for (const { name, prefix, local, uri, value } of Object.values(tag.attributes)) {
    if (name === 'xmlns') declarations.push({ prefix: '', namespace: value });
    else if (prefix === 'xmlns') declarations.push({ prefix: local, namespace: value });
    else attributes.push({ prefix, local, namespace: uri, value });
  }
  return { attributes, declarations };
}

/** The parser's sentence without its own place and full stop, and short: it may quote what was sent. */
function plain(message: string): string {
  return message
    .replace(/^\d+:\d+: /, '')
    .replace(/\.$/, '')
    .slice(0, 200);
}
