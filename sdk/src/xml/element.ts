/** XML as a tree: what was read, in order, with namespaces resolved. Nothing of it changes. XML 1.0, Namespaces in XML 1.0. */
import { XmlErrors } from './errors.ts';

/** An attribute; declarations of namespaces are none. */
export interface XmlAttribute {
  /** As written; empty when there is none. */
  readonly prefix: string;
  readonly local: string;
  /** Empty for an attribute without a prefix, whatever the default namespace is. */
  readonly namespace: string;
  readonly value: string;
}

/** A namespace that an element declares. */
export interface XmlDeclaration {
  /** Empty for the default namespace. */
  readonly prefix: string;
  /** Empty when the default namespace ends here. */
  readonly namespace: string;
}

/** Where an element stands in the text that was parsed: offsets in UTF-16 units, from its first `<` to behind its last `>`. */
export interface XmlSpan {
  readonly start: number;
  readonly end: number;
}

/** Character data, escapes and CDATA resolved. */
export type XmlNode = XmlElement | string;

/** An element. Comments and processing instructions are not kept. */
export class XmlElement {
  constructor(
    readonly prefix: string,
    readonly local: string,
    readonly namespace: string,
    /** In the order of the document. */
    readonly attributes: readonly XmlAttribute[],
    readonly declarations: readonly XmlDeclaration[],
    /** Elements and text in the order of the document; no two texts beside each other, none empty. */
    readonly children: readonly XmlNode[],
    readonly span: XmlSpan,
  ) {}

  /** Whether it has this local name, and this namespace if one is given. */
  is(local: string, namespace?: string): boolean {
    return this.local === local && (namespace === undefined || this.namespace === namespace);
  }

  /** Child elements. */
  get elements(): readonly XmlElement[] {
    return this.children.filter((child) => typeof child !== 'string');
  }

  /** Character data of the element itself, not of those inside. */
  get text(): string {
    const [only] = this.children;
    if (this.children.length === 1 && typeof only === 'string') return only;
    return this.children.filter((child) => typeof child === 'string').join('');
  }

  /** The value of an attribute; without a namespace, that of the attribute without a prefix. */
  attribute(local: string, namespace = ''): string | undefined {
    return this.attributes.find((attribute) => attribute.local === local && attribute.namespace === namespace)?.value;
  }

  /** The first child of this name, in any namespace if none is given. */
  child(local: string, namespace?: string): XmlElement | undefined {
    return this.children.find((child): child is XmlElement => typeof child !== 'string' && child.is(local, namespace));
  }

  /** The same. Throws XML_MISSING when there is none. */
  need(local: string, namespace?: string): XmlElement {
    return this.child(local, namespace) ?? fail(this, `the element ${local}`);
  }

  /** Children of this name, in any namespace if none is given. */
  all(local: string, namespace?: string): readonly XmlElement[] {
    return this.elements.filter((child) => child.is(local, namespace));
  }

  /** The element at the end of a path of local names, the first of each name; `find('Body', 'Fault')`. */
  find(...path: readonly string[]): XmlElement | undefined {
    return path.reduce<XmlElement | undefined>((at, local) => at?.child(local), this);
  }

  /** Elements inside of this name at any depth, in the order of the document. */
  *descendants(local: string, namespace?: string): Generator<XmlElement> {
    for (const child of this.elements) {
      if (child.is(local, namespace)) yield child;
      yield* child.descendants(local, namespace);
    }
  }
}

function fail(parent: XmlElement, what: string): never {
  throw XmlErrors.XML_MISSING({ parent: parent.local, what });
}
