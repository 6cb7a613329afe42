/** A manifest as it stands while it is typed: its tags, where its script is, the tables it declares. Never fails, whatever the text is. */
import type { TextSpan } from '@parley/core';

/** An attribute; the value's span is what stands between the quotes. */
export interface OutlineAttribute {
  /** Without prefix. */
  readonly name: string;
  readonly nameSpan: TextSpan;
  readonly value: string;
  /** Undefined while no quote was typed. */
  readonly valueSpan: TextSpan | undefined;
}

/** A start or end tag, from its `<` to behind its `>`, or as far as it goes. */
export interface OutlineTag extends TextSpan {
  readonly kind: 'start' | 'end' | 'empty';
  /** With its colon; '' without one. */
  readonly prefix: string;
  /** Without prefix; '' while none was typed. */
  readonly name: string;
  /** Prefix and name. */
  readonly nameSpan: TextSpan;
  readonly attributes: readonly OutlineAttribute[];
  /** It has its `>`. */
  readonly complete: boolean;
}

/** A name that the manifest gives to a table or column. */
export interface NamedPlace {
  readonly name: string;
  readonly span: TextSpan;
}

/** A `file` element with its columns. */
export interface TableOutline extends NamedPlace {
  readonly columns: readonly NamedPlace[];
}

/** The manifest around a script. */
export interface ManifestOutline {
  readonly tags: readonly OutlineTag[];
  /** Where the content of splScript begins and ends. */
  readonly script: TextSpan | undefined;
  readonly tables: readonly TableOutline[];
}

const TAG_START = /<(\/?)([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)?/y;
const ATTRIBUTE = /\s*((?:[A-Za-z_][\w.-]*:)?)([A-Za-z_][\w.-]*)(?:\s*=\s*(?:(["'])((?:(?!\3)[^<>\r\n])*)(\3)?)?)?/y;
const SCRIPT_END = /<\/(?:[A-Za-z_][\w.-]*:)?splScript\b/g;
const OPEN_CDATA = /^\s*<!\[CDATA\[/;
const OPAQUE = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
  ['<!', '>'],
] as const;

/** Reads the outline of a manifest's text. */
export function outlineManifest(text: string): ManifestOutline {
  const tags: OutlineTag[] = [];
  let script: TextSpan | undefined;
  let at = 0;
  for (;;) {
    const open = text.indexOf('<', at);
    if (open < 0) break;
    const behind = opaqueEnd(text, open);
    if (behind !== undefined) {
      at = behind;
      continue;
    }
    const tag = readTag(text, open);
    tags.push(tag);
    at = Math.max(tag.end, open + 1);
    if (tag.name === 'splScript' && tag.kind === 'start' && tag.complete && script === undefined) {
      script = scriptContent(text, at);
      at = script.end;
    }
  }
  return { tags, script, tables: tables(tags) };
}

/** The tag that an offset stands in, its `>` not included. */
export function tagAt(outline: ManifestOutline, offset: number): OutlineTag | undefined {
  return outline.tags.find(({ start, end, complete }) => offset > start && (complete ? offset < end : offset <= end));
}

/** The elements that are open in front of an offset, the outermost first. */
export function openElements(outline: ManifestOutline, offset: number): readonly OutlineTag[] {
  const open: OutlineTag[] = [];
  for (const tag of outline.tags) {
    if (tag.end > offset) break;
    if (tag.kind === 'start' && tag.complete) open.push(tag);
    else if (tag.kind === 'end')
      open.length = Math.max(
        0,
        open.findLastIndex(({ name }) => name === tag.name),
      );
  }
  return open;
}

function opaqueEnd(text: string, open: number): number | undefined {
  const found = OPAQUE.find(([head]) => text.startsWith(head, open));
  if (found === undefined) return undefined;
  const end = text.indexOf(found[1], open + found[0].length);
  return end < 0 ? text.length : end + found[1].length;
}

function readTag(text: string, start: number): OutlineTag {
  TAG_START.lastIndex = start;
  const [head = '<', slash = '', prefix = '', name = ''] = TAG_START.exec(text) ?? [];
  let at = start + head.length;
  const nameSpan = { start: start + 1 + slash.length, end: at };
  const attributes: OutlineAttribute[] = [];
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const found = ATTRIBUTE.exec(text);
    if (found === null) break;
    attributes.push(attribute(found));
    at += found[0].length;
  }
  const rest = /^[^<>]*?(\/?)\s*>/.exec(text.slice(at, at + 256));
  const complete = rest !== null;
  // What is no attribute belongs to the tag up to the next mark or line: something is being typed there.
  const end = complete ? at + rest[0].length : at + (/^[^<>\r\n]*/.exec(text.slice(at))?.[0].length ?? 0);
  const kind = slash !== '' ? 'end' : rest?.[1] === '/' ? 'empty' : 'start';
  return { kind, prefix, name, nameSpan, attributes, complete, start, end };
}

function attribute(found: RegExpExecArray): OutlineAttribute {
  const [whole, prefix = '', name = '', , value] = found;
  const nameStart = found.index + whole.length - whole.trimStart().length;
  const quoteEnd = found[5] === undefined ? 0 : 1;
  const end = found.index + whole.length - quoteEnd;
  return {
    name,
    nameSpan: { start: nameStart, end: nameStart + prefix.length + name.length },
    value: value ?? '',
    valueSpan: value === undefined ? undefined : { start: end - value.length, end },
  };
}

function scriptContent(text: string, start: number): TextSpan {
  SCRIPT_END.lastIndex = start;
  const end = SCRIPT_END.exec(text)?.index ?? text.length;
  // A CDATA section that is not closed yet: the script begins behind its head all the same.
  const head = OPEN_CDATA.exec(text.slice(start, start + 256))?.[0];
  return { start: head !== undefined && !text.slice(start, end).includes(']]>') ? start + head.length : start, end };
}

function tables(tags: readonly OutlineTag[]): TableOutline[] {
  const found: { name: string; span: TextSpan; columns: NamedPlace[] }[] = [];
  for (const tag of tags) {
    const named = tag.kind === 'end' ? undefined : tag.attributes.find(({ name }) => name === 'name');
    if (named?.valueSpan === undefined) continue;
    const place = { name: named.value, span: named.valueSpan };
    if (tag.name === 'file') found.push({ ...place, columns: [] });
    else if (tag.name === 'column') found.at(-1)?.columns.push(place);
  }
  return found;
}
