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
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  /** By name with prefix, in order. */
  readonly attributes: Readonly<Record<string, SaxAttribute>>;
  readonly isSelfClosing: boolean;
}

/** A streaming parser that refuses what is not well-formed. It knows no DTD: one is an event, which its user refuses. */
export interface SaxParser {
  /** Offset in the text, in UTF-16 units, of what comes next. */
  readonly position: number;
  /** From 1. */
  readonly line: number;
  /** From 0, in characters. */
  readonly column: number;
  on(event: 'opentagstart', handler: (tag: { readonly name: string }) => void): void;
  on(event: 'attribute', handler: () => void): void;
  on(event: 'opentag' | 'closetag', handler: (tag: SaxTag) => void): void;
  on(event: 'text' | 'cdata' | 'doctype', handler: (text: string) => void): void;
  on(event: 'error', handler: (error: Error) => void): void;
  write(text: string): SaxParser;
  close(): SaxParser;
}

const { SaxesParser } = createRequire(import.meta.url)('saxes') as { SaxesParser: new (options: { xmlns: true }) => SaxParser };

/** A parser of XML 1.0 that resolves namespaces. */
export function newSaxParser(): SaxParser {
  return new SaxesParser({ xmlns: true });
}
