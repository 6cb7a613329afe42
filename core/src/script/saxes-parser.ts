/** The XML parser, with the part of its types that is used here: its own declarations do not pass this repository's strict options. */
import { createRequire } from 'node:module';

/** An attribute, its namespace resolved. */
export interface SaxAttribute {
  /** With prefix. */
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
}

/** An element's start or end. */
export interface SaxTag {
  /** With prefix. */
  readonly name: string;
  readonly local: string;
  readonly uri: string;
  /** By name with prefix. */
  readonly attributes: Readonly<Record<string, SaxAttribute>>;
  readonly isSelfClosing: boolean;
}

/** A streaming parser that refuses what is not well-formed. It knows no DTD: one is an event, which its user refuses. */
export interface SaxParser {
  /** Offset in the text, in UTF-16 units, of what comes next. */
  readonly position: number;
  on(event: 'opentagstart', handler: (tag: { readonly name: string }) => void): void;
  /** Comes behind the closing quote, before namespaces are resolved. */
  on(event: 'attribute', handler: (attribute: { readonly name: string }) => void): void;
  on(event: 'opentag' | 'closetag', handler: (tag: SaxTag) => void): void;
  on(event: 'text' | 'cdata' | 'doctype', handler: (text: string) => void): void;
  on(event: 'error', handler: (error: Error) => void): void;
  write(text: string): SaxParser;
  close(): SaxParser;
}

const { SaxesParser } = createRequire(import.meta.url)('saxes') as { SaxesParser: new (options: { xmlns: true }) => SaxParser };

/** A parser of namespaces-aware XML 1.0. */
export function newSaxParser(): SaxParser {
  return new SaxesParser({ xmlns: true });
}
