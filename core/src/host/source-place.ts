/** Where in a source file an error of the module loader or of JSON.parse stands. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { jsonErrorOffset } from './json-place.ts';

export interface SourceError {
  readonly isSyntax: boolean;
  /** The first line of the message, without the place. */
  readonly reason: string;
  /** `file:line:column`, as much of it as is known. */
  readonly place: string;
}

/** An error of `JSON.parse(text)`. */
export function jsonError(error: unknown, file: string, text: string): SourceError {
  const before = text.slice(0, jsonErrorOffset(text));
  const place = `${file}:${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}`;
  const message = error instanceof Error ? error.message : String(error);
  return { isSyntax: true, reason: message.replace(/,? (\.\.\.)?".*" is not valid JSON$| (in JSON )?at position \d+.*$/s, ''), place };
}

/** An error of `import(file)`, whether the file itself could not be parsed or failed while it ran. */
export function importError(error: unknown, file: string): SourceError {
  if (!(error instanceof Error)) return { isSyntax: false, reason: String(error), place: file };
  const isSyntax = error instanceof SyntaxError || error.name === 'SyntaxError';
  const reason = error.message.split('\n', 1)[0] ?? '';
  const place = placeInHead(error.stack ?? '') ?? placeInFrames(error.stack ?? '', file) ?? (isSyntax ? placeByChecking(file) : undefined);
  return { isSyntax, reason, place: place ?? file };
}

/** Node puts `file:line`, or `file?number:line`, the line and carets under it before the message of a syntax error. */
function placeInHead(text: string): string | undefined {
  const head = /^(?:file:\/\/)?(\/[^\n]*?)(?:\?\d+)?:(\d+)\n(?:[^\n]*\n)*?( *)\^/.exec(text);
  return head === null ? undefined : `${head[1]}:${head[2]}:${(head[3]?.length ?? 0) + 1}`;
}

/** Of a line of a stack: a file's path or URL, and `:line:column`. */
const FRAME = /^ +at (?:[^\n]*\()?((?:file:\/\/)?\/[^\n?:]*)(?:\?\d+)?(:\d+:\d+)\)?$/gm;

/** `file:line:column` of the innermost frame of an error in a file under `folder`, its packages apart; undefined when it has none there. */
export function thrownIn(folder: URL, error: unknown): string | undefined {
  if (!(error instanceof Error) || folder.protocol !== 'file:') return undefined;
  const root = fileURLToPath(folder);
  for (const [, file = '', place = ''] of (error.stack ?? '').matchAll(FRAME)) {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    if (path.startsWith(root) && !path.slice(root.length).includes('node_modules/')) return path + place;
  }
  return undefined;
}

function placeInFrames(stack: string, file: string): string | undefined {
  const frame = new RegExp(`${file.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?:\\?\\d+)?:(\\d+):(\\d+)`).exec(stack);
  return frame === null ? undefined : `${file}:${frame[1]}:${frame[2]}`;
}

/** A syntax error in plain JavaScript reaches `import()` without its place; `node --check` says it. */
function placeByChecking(file: string): string | undefined {
  return placeInHead(spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' }).stderr);
}
