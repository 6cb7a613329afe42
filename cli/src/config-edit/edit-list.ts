/** Changes of the list of plugins in the text of a configuration: everything else of the text stays as it is. Pure. */
import { codeOnly } from './code-only.ts';
import { DISABLED, findPluginList, lineEnd, lineStart } from './plugin-list.ts';
import type { ImportLine, ListEntry, PluginListText } from './plugin-list.ts';

/** An entry to add. */
export interface NewEntry {
  /** A package is imported; a path, which begins with a dot, is written as it is, with a place for its settings. */
  readonly reference: string;
  readonly identifier: string;
  /** References of entries behind which it belongs, if one of them is there; else it comes last. */
  readonly after: readonly string[];
}

const LINE_LENGTH = 140;

/** The text with the entry; undefined when it is unusual. */
export function addEntry(text: string, { reference, identifier, after }: NewEntry): string | undefined {
  const before = findPluginList(text);
  if (before === undefined) return undefined;
  const isPath = reference.startsWith('.') || reference.startsWith('/');
  const known = before.imports.find((line) => line.reference === reference && !line.disabled);
  const name = known?.identifier ?? freeName(text, identifier);
  const entry = isPath ? `{ plugin: '${reference}', config: {} }` : `${name}()`;
  const listed = insert(text, before, entry, after);
  return isPath || known !== undefined ? listed : withImport(listed, before.imports, `import ${name} from '${reference}';\n`);
}

/** The text without the entry, and without its import when nothing else uses that; undefined when it is unusual. */
export function removeEntry(text: string, reference: string): string | undefined {
  const entry = entryOf(text, reference);
  if (entry === undefined) return undefined;
  const list = findPluginList(text);
  const without = entry.disabled ? text.slice(0, entry.start) + text.slice(entry.end) : cut(text, entry, list?.entries ?? []);
  return entry.identifier === undefined ? without : withoutImport(without, entry.identifier, () => '');
}

/** The text with the entry behind `// disabled: `, its import too when nothing else uses that; undefined when it is unusual. */
export function disableEntry(text: string, reference: string): string | undefined {
  const list = findPluginList(text);
  const spread = list === undefined ? undefined : onLines(text, list);
  const entry = spread === undefined ? undefined : entryOf(spread, reference);
  if (spread === undefined || entry === undefined || entry.disabled) return undefined;
  const start = lineStart(spread, entry.start);
  const comma = /^\s*,/.exec(codeOnly(spread).slice(entry.end))?.[0].length ?? 0;
  const end = lineEnd(spread, entry.end + comma);
  const indent = spread.slice(start, entry.start);
  if (
    indent.trim() !== '' ||
    codeOnly(spread)
      .slice(entry.end + comma, end)
      .trim() !== ''
  )
    return undefined;
  const [first = '', ...others] = spread.slice(entry.start, entry.end).split('\n');
  const rest = spread.slice(entry.end + comma, end).trimEnd();
  const lines = [`${DISABLED}${first}`, ...others.map((line) => `// ${line.startsWith(indent) ? line.slice(indent.length) : line}`)];
  const commented = `${lines.map((line) => indent + line).join('\n')},${rest}\n`;
  const without = spread.slice(0, start) + commented + spread.slice(end);
  if (entry.identifier === undefined) return without;
  return withoutImport(without, entry.identifier, (line) => DISABLED + line);
}

/** The text with the disabled entry in use again, its settings as they were; undefined when there is none. */
export function enableEntry(text: string, reference: string): string | undefined {
  const entry = entryOf(text, reference);
  if (entry?.disabled !== true) return undefined;
  const lines = text.slice(entry.start, entry.end).replaceAll(new RegExp(`^([ \\t]*)(?:${DISABLED}|// ?)`, 'gm'), '$1');
  const whole = text.slice(0, entry.start) + lines + text.slice(entry.end);
  const line = findPluginList(whole)?.imports.find((one) => one.reference === reference);
  if (line?.disabled !== true) return whole;
  return whole.slice(0, line.start) + whole.slice(line.start + DISABLED.length);
}

/** The entry that means this package or path. */
export function entryOf(text: string, reference: string): ListEntry | undefined {
  return findPluginList(text)?.entries.find((entry) => entry.reference === reference);
}

function insert(text: string, list: PluginListText, entry: string, after: readonly string[]): string {
  const used = list.entries.filter(({ disabled }) => !disabled);
  const neighbour = used.findLast(({ reference }) => reference !== undefined && after.includes(reference)) ?? used.at(-1);
  const inside = text.slice(list.open + 1, list.close);
  if (!inside.includes('\n')) {
    const all = [...used.map(({ start, end }) => text.slice(start, end)), entry].join(', ');
    const line = `${text.slice(lineStart(text, list.open), list.open)}[${all}],`;
    if (line.length <= LINE_LENGTH && inside.trim() !== '') return `${text.slice(0, list.open)}[${all}]${text.slice(list.close + 1)}`;
    const spread = onLines(text, list);
    const again = findPluginList(spread);
    return again === undefined ? spread : insert(spread, again, entry, after);
  }
  const indent = indentOf(text, list);
  if (neighbour === undefined) {
    const end = lineStart(text, list.close);
    return `${text.slice(0, end)}${indent}${entry},\n${text.slice(end)}`;
  }
  const comma = /^\s*,/.exec(codeOnly(text).slice(neighbour.end))?.[0].length ?? 0;
  const end = lineEnd(text, neighbour.end + comma);
  const head = comma > 0 ? text.slice(0, end) : `${text.slice(0, neighbour.end)},${text.slice(neighbour.end, end)}`;
  return `${head}${indent}${entry},\n${text.slice(end)}`;
}

/** The list with each entry on a line of its own. */
function onLines(text: string, list: PluginListText): string {
  if (text.slice(list.open, list.close).includes('\n')) return text;
  const outer = /^[ \t]*/.exec(text.slice(lineStart(text, list.open)))?.[0] ?? '';
  const lines = list.entries.map(({ start, end }) => `${outer}  ${text.slice(start, end)},\n`).join('');
  return `${text.slice(0, list.open)}[\n${lines}${outer}${text.slice(list.close)}`;
}

function indentOf(text: string, { entries, open }: PluginListText): string {
  const line = (at: number): string => /^[ \t]*/.exec(text.slice(lineStart(text, at)))?.[0] ?? '';
  const [first] = entries;
  return first === undefined ? `${line(open)}  ` : line(first.start);
}

/** Takes an entry out: its whole lines when it has them for itself, else what stands up to its neighbour. */
function cut(text: string, entry: ListEntry, entries: readonly ListEntry[]): string {
  const code = codeOnly(text);
  const start = lineStart(text, entry.start);
  const comma = /^\s*,/.exec(code.slice(entry.end))?.[0].length ?? 0;
  const end = lineEnd(text, entry.end + comma);
  const isAlone = text.slice(start, entry.start).trim() === '' && code.slice(entry.end + comma, end).trim() === '';
  if (isAlone) return text.slice(0, start) + text.slice(end);
  const used = entries.filter(({ disabled }) => !disabled);
  const position = used.indexOf(used.find((one) => one.start === entry.start) as ListEntry);
  const next = used[position + 1];
  if (next !== undefined) return text.slice(0, entry.start) + text.slice(next.start);
  return text.slice(0, used[position - 1]?.end ?? entry.start) + text.slice(entry.end);
}

/** A name that the file does not use yet. */
function freeName(text: string, wanted: string): string {
  return uses(text, wanted) === 0 ? wanted : `${wanted}Plugin`;
}

/** How often a name stands in code. */
function uses(text: string, identifier: string): number {
  return codeOnly(text).split(new RegExp(`(?<![\\w$.])${identifier.replaceAll('$', '\\$')}(?![\\w$])`)).length - 1;
}

/** In the order of the packages among those of plugins, which is how the imports of a new file are written. */
function withImport(text: string, imports: readonly ImportLine[], line: string): string {
  const package_ = /from '(.*)'/.exec(line)?.[1] ?? '';
  const next = imports.find(({ reference }) => reference > package_);
  const at = next?.start ?? imports.at(-1)?.end ?? firstStatement(text);
  return text.slice(0, at) + line + text.slice(at);
}

/** Where the first line with code begins. */
function firstStatement(text: string): number {
  const at = codeOnly(text).search(/\S/);
  return at < 0 ? text.length : lineStart(text, at);
}

function withoutImport(text: string, identifier: string, replace: (line: string) => string): string {
  const line = findPluginList(text)?.imports.find((one) => one.identifier === identifier && !one.disabled);
  if (line === undefined || uses(text, identifier) > 1) return text;
  return text.slice(0, line.start) + replace(text.slice(line.start, line.end)) + text.slice(line.end);
}
