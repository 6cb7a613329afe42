/** One open document: its text, what it consists of, and whether a place in it is manifest, script, or a comment. */
import { MANIFEST_LIMIT, manifestTokens, scriptTokens } from '@parley/core';
import type { TextSpan } from '@parley/core';
import type { Position, Range } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { outlineManifest } from './manifest-outline.ts';
import type { ManifestOutline } from './manifest-outline.ts';
import { ScriptOutline } from './script-outline.ts';
import { ValueTypes } from './value-type.ts';

/** What is at a place: markup, code of the script, or text in which nothing can be named. */
export type PlaceKind = 'manifest' | 'script' | 'text';

const EMPTY: ManifestOutline = { tags: [], script: undefined, tables: [] };

/** One version of a document, read once. */
export class MsplDocument {
  readonly text: string;
  /** It has no manifest around it. */
  readonly bare: boolean;
  readonly manifest: ManifestOutline;
  readonly script: ScriptOutline;
  readonly types: ValueTypes;

  constructor(private readonly source: TextDocument) {
    this.text = source.getText();
    const { text } = this;
    this.bare = source.languageId === 'mspl' || source.uri.endsWith('.mspl');
    // Beyond the limit nothing is looked into; the compiler says that it is too large.
    const fits = text.length <= MANIFEST_LIMIT;
    this.manifest = this.bare || !fits ? EMPTY : outlineManifest(text);
    const { script, tables } = this.manifest;
    const tokens = !fits ? [] : this.bare ? scriptTokens(text) : script === undefined ? [] : manifestTokens(text, script);
    this.script = new ScriptOutline(tokens);
    this.types = new ValueTypes(this.script, tables);
  }

  offset(position: Position): number {
    return this.source.offsetAt(position);
  }

  range({ start, end }: TextSpan): Range {
    return { start: this.source.positionAt(start), end: this.source.positionAt(end) };
  }

  /** What is at an offset. */
  placeKind(offset: number): PlaceKind {
    const { script } = this.manifest;
    const inside = this.bare || (script !== undefined && offset >= script.start && offset <= script.end);
    if (!inside) return 'manifest';
    const token = this.script.tokens[this.script.indexBefore(offset)];
    if (token?.kind === 'string' && offset < token.end + (this.isClosed(token) ? 0 : 1)) return 'text';
    // Between the tokens are spaces, CDATA marks and comments.
    const from = token?.end ?? script?.start ?? 0;
    const gap = offset > from ? this.text.slice(from, offset) : '';
    return endsInComment(gap) ? 'text' : 'script';
  }

  /** Does the string have its second quote? Without it the string ends with its line. */
  private isClosed({ start, end }: TextSpan): boolean {
    return end > start + 1 && this.text.charAt(end - 1) === '"';
  }
}

/** Is the end of a text without tokens inside a comment? */
function endsInComment(gap: string): boolean {
  for (let at = gap.indexOf('/'); at >= 0; at = gap.indexOf('/', at)) {
    const next = gap.charAt(at + 1);
    if (next === '/') {
      const length = gap.slice(at).search(/[\r\n]/);
      if (length < 0) return true;
      at += length;
    } else if (next === '*') {
      const end = gap.indexOf('*/', at + 2);
      if (end < 0) return true;
      at = end + 2;
    } else at++;
  }
  return false;
}
