/** The list of plugins in the text of a `parley.config.ts`: where it is, what stands in it, what each entry refers to. Pure. */
import { closingBracket, codeOnly } from './code-only.ts';

/** An import of one default export, on a line of its own. */
export interface ImportLine {
  readonly identifier: string;
  /** The package or path. */
  readonly reference: string;
  /** Where its line begins, and where the next one does. */
  readonly start: number;
  readonly end: number;
  /** Behind `// disabled: `. */
  readonly disabled: boolean;
}

/** An entry of the list. */
export interface ListEntry {
  /** From its first character to behind its last, without comma or comments. */
  readonly start: number;
  readonly end: number;
  /** Package or path that it means; undefined when the text alone does not say. */
  readonly reference: string | undefined;
  /** The name that it is imported by; undefined for a name in quotes. */
  readonly identifier: string | undefined;
  /** Behind `// disabled: `; then `start` is where its first line begins, and `end` where the line after its last does. */
  readonly disabled: boolean;
}

export interface PluginListText {
  /** Positions of its brackets. */
  readonly open: number;
  readonly close: number;
  readonly entries: readonly ListEntry[];
  readonly imports: readonly ImportLine[];
}

/** What a disabled entry or import begins with. */
export const DISABLED = '// disabled: ';

const SERVER = /\bdefineServer\s*\(\s*\{|\bexport\s+default\s*\{/g;
const IMPORT = /^(\/\/ disabled: )?import +([A-Za-z_$][\w$]*) +from +(['"])([^'"\n]+)\3;?[ \t]*$/gm;
const IDENTIFIER = /^[A-Za-z_$][\w$]*/;
const QUOTED = /^(['"])([^'"\n]+)\1$/;
const NAMED = /\bplugin\s*:\s*(['"])([^'"\n]+)\1/;

/** Undefined when the file is written in another way than as one object with one list of plugins. */
export function findPluginList(text: string): PluginListText | undefined {
  const code = codeOnly(text);
  const servers = [...code.matchAll(SERVER)];
  const [server] = servers;
  if (servers.length !== 1 || server === undefined) return undefined;
  const open = listIn(code, server.index + server[0].length - 1);
  const close = open < 0 ? -1 : closingBracket(code, open);
  if (close < 0) return undefined;
  const imports = importsOf(text);
  return { open, close, imports, entries: [...entriesIn(text, code, open, close, imports), ...disabledIn(text, open, close, imports)] };
}

/** Position of the `[` of the property `plugins` of the object that begins at `object`; -1 when there is none, or no list. */
function listIn(code: string, object: number): number {
  const end = closingBracket(code, object);
  for (let i = object + 1; i < end; i++) {
    if ('([{'.includes(code[i] ?? '')) {
      i = closingBracket(code, i);
      if (i < 0) return -1;
      continue;
    }
    const found = /^plugins\s*:\s*(\[?)/.exec(code.slice(i, end));
    if (found !== null && !/[\w$.]/.test(code[i - 1] ?? '')) return found[1] === '' ? -1 : i + found[0].length - 1;
  }
  return -1;
}

function importsOf(text: string): readonly ImportLine[] {
  return [...text.matchAll(IMPORT)].map((found): ImportLine => {
    const [, disabled, identifier = '', , reference = ''] = found;
    return { identifier, reference, start: found.index, end: lineEnd(text, found.index), disabled: disabled !== undefined };
  });
}

function entriesIn(text: string, code: string, open: number, close: number, imports: readonly ImportLine[]): ListEntry[] {
  const entries: ListEntry[] = [];
  let start = open + 1;
  const add = (end: number): void => {
    const inside = code.slice(start, end);
    if (inside.trim() !== '') {
      const first = start + inside.length - inside.trimStart().length;
      const last = start + inside.trimEnd().length;
      entries.push({ start: first, end: last, disabled: false, ...meaning(text.slice(first, last), imports) });
    }
    start = end + 1;
  };
  for (let i = start; i < close; i++) {
    if ('([{'.includes(code[i] ?? '')) i = closingBracket(code, i);
    else if (code[i] === ',') add(i);
  }
  add(close);
  return entries;
}

/** Entries behind `// disabled: `, each to the line on which its brackets close. */
function disabledIn(text: string, open: number, close: number, imports: readonly ImportLine[]): ListEntry[] {
  const entries: ListEntry[] = [];
  for (let start = text.indexOf('\n', open) + 1; start > 0 && start < close;) {
    let end = lineEnd(text, start);
    const first = text.slice(start, end).trim();
    if (first.startsWith(DISABLED)) {
      let entry = first.slice(DISABLED.length);
      while (!isWhole(entry) && text.slice(end, lineEnd(text, end)).trim().startsWith('//')) {
        const next = lineEnd(text, end);
        entry += `\n${text.slice(end, next).trim().slice(2)}`;
        end = next;
      }
      entries.push({ start, end, disabled: true, ...meaning(entry.replace(/,\s*$/, ''), imports) });
    }
    start = end;
  }
  return entries;
}

function isWhole(entry: string): boolean {
  const code = codeOnly(entry);
  const open = code.search(/[([{]/);
  return open < 0 || closingBracket(code, open) >= 0;
}

/** Where the next line begins. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

/** Where the line of a position begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function meaning(entry: string, imports: readonly ImportLine[]): Pick<ListEntry, 'reference' | 'identifier'> {
  const quoted = QUOTED.exec(entry)?.[2];
  if (quoted !== undefined) return { reference: quoted, identifier: undefined };
  if (entry.startsWith('{')) return { reference: NAMED.exec(entry)?.[2], identifier: undefined };
  const identifier = IDENTIFIER.exec(entry)?.[0];
  return { identifier, reference: imports.find((line) => line.identifier === identifier)?.reference };
}
