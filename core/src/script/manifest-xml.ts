/** A manifest's XML as elements that know where they stand. No DTD, no entities of its own; size, depth and count are bounded. */
import { ManifestErrors as E } from './errors.ts';
import type { DiagnosticList } from './diagnostic.ts';
import { newSaxParser } from './saxes-parser.ts';
import type { SaxAttribute, SaxTag } from './saxes-parser.ts';
import type { Span } from './source-text.ts';

/** Characters of a manifest file. */
export const MANIFEST_LIMIT = 524_288;
const DEPTH_LIMIT = 8;
const ELEMENT_LIMIT = 2_000;
const ATTRIBUTE_LIMIT = 32;

/** An attribute; its span is that of the value between the quotes. */
export interface XmlAttribute extends Span {
  /** Without prefix. */
  readonly name: string;
  readonly value: string;
}

/** An element; its span is that of the start tag. */
export interface XmlElement extends Span {
  /** Without prefix. */
  readonly name: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** Character data, escapes resolved; of the element itself only. */
  readonly text: string;
  /** Where its content begins and ends in the file. */
  readonly content: Span;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
  content: { start: number; end: number };
}

/** Thrown inside the parser's events, at the first fault: what comes after it are its consequences. */
class XmlStop extends Error {}

/** Reads the document; undefined when it cannot be read, with the reason in the list. */
export function readXml(text: string, list: DiagnosticList): XmlElement | undefined {
  if (text.length > MANIFEST_LIMIT) {
    list.error(E.MSPL_MANIFEST_TOO_LARGE({ found: text.length, limit: MANIFEST_LIMIT }), { start: 0, end: 1 });
    return undefined;
  }
  const reader = new XmlReader(text, list);
  try {
    return reader.read();
  } catch (error) {
    if (error instanceof XmlStop) return undefined;
    throw error;
  }
}

class XmlReader {
  private readonly parser = newSaxParser();
  private readonly open: OpenElement[] = [];
  private root: XmlElement | undefined = undefined;
  private elements = 0;
  private tagStart = 0;
  private attributes: { readonly prefixed: string; readonly span: Span }[] = [];

  constructor(
    private readonly source: string,
    private readonly list: DiagnosticList,
  ) {
    const { parser } = this;
    parser.on('opentagstart', (tag) => {
      this.tagStart = source.lastIndexOf('<', parser.position - tag.name.length);
      this.attributes = [];
    });
    parser.on('attribute', (attribute) => this.attribute(attribute));
    parser.on('opentag', (tag) => this.openElement(tag));
    parser.on('closetag', (tag) => this.closeElement(tag));
    parser.on('text', (text) => this.characters(text));
    parser.on('cdata', (text) => this.characters(text));
    parser.on('doctype', () => this.refuse(E.MSPL_XML_FORBIDDEN({ what: 'a DOCTYPE' })));
    parser.on('error', (error) => this.refuse(E.MSPL_XML({ problem: plain(error.message) })));
  }

  read(): XmlElement | undefined {
    this.parser.write(this.source).close();
    return this.root;
  }

  /** Positions of attribute values: the event comes behind the closing quote, and no value contains its own quote. */
  private attribute({ name }: { readonly name: string }): void {
    if (this.attributes.length >= ATTRIBUTE_LIMIT) {
      this.refuse(E.MSPL_MANIFEST_LIMIT({ limit: ATTRIBUTE_LIMIT, what: 'attributes on one element' }));
    }
    const end = this.parser.position - 1;
    const start = this.source.lastIndexOf(this.source.charAt(end), end - 1) + 1;
    this.attributes.push({ prefixed: name, span: { start, end } });
  }

  private openElement(tag: SaxTag): void {
    if (++this.elements > ELEMENT_LIMIT) this.refuse(E.MSPL_MANIFEST_LIMIT({ limit: ELEMENT_LIMIT, what: 'elements' }));
    if (this.open.length >= DEPTH_LIMIT) this.refuse(E.MSPL_MANIFEST_LIMIT({ limit: DEPTH_LIMIT, what: 'levels of elements' }));
    const { position } = this.parser;
    const element: OpenElement = {
      name: tag.local,
      namespace: tag.uri,
      attributes: this.attributes.flatMap(({ prefixed, span }) => ownAttribute(tag, tag.attributes[prefixed], span)),
      children: [],
      text: '',
      start: this.tagStart,
      end: position,
      content: { start: position, end: position },
    };
    this.open.at(-1)?.children.push(element);
    this.root ??= element;
    this.open.push(element);
  }

  private closeElement(tag: SaxTag): void {
    const element = this.open.pop();
    if (element !== undefined && !tag.isSelfClosing) element.content.end = this.source.lastIndexOf('<', this.parser.position - 1);
  }

  private characters(text: string): void {
    const element = this.open.at(-1);
    if (element !== undefined) element.text += text;
  }

  private refuse(error: ReturnType<typeof E.MSPL_XML>): never {
    const end = Math.max(1, Math.min(this.parser.position, this.source.length));
    this.list.error(error, { start: end - 1, end });
    throw new XmlStop();
  }
}

/** An attribute of the manifest: without a prefix, or with that of the element's own namespace. Declarations of namespaces are none. */
function ownAttribute(tag: SaxTag, attribute: SaxAttribute | undefined, span: Span): XmlAttribute[] {
  if (attribute === undefined || attribute.prefix === 'xmlns' || attribute.name === 'xmlns') return [];
  return attribute.uri === '' || attribute.uri === tag.uri ? [{ name: attribute.local, value: attribute.value, ...span }] : [];
}

/** The parser's sentence without its own place and full stop. */
function plain(message: string): string {
  return message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
}
