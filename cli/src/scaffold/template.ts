/** Templates: folders of files ending in `.tmpl`, with `{{word}}` in names and text. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { classNameOf } from '../plugins/identifier.ts';

/** A file to write. */
export interface NewFile {
  /** Relative to the folder of what is made, with slashes. */
  readonly path: string;
  readonly text: string;
}

const TEMPLATES = resolve(import.meta.dirname, '../../templates');
const ENDING = '.tmpl';
const WORD = /\{\{([a-zA-Z]+)\}\}/g;

/** What the words of a template mean for a plugin or script of this name; `name` is lower-case letters, digits and hyphens. */
export function wordsFor(name: string): Readonly<Record<string, string>> {
  const snake = name.replaceAll('-', '_');
  return { name, snake, Class: classNameOf(name), UPPER: snake.toUpperCase() };
}

/** The files of a template. Throws TypeError for a word that means nothing: a fault in the template. */
export function filledTemplate(template: string, words: Readonly<Record<string, string>>): readonly NewFile[] {
  const folder = join(TEMPLATES, template);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith(ENDING),
  );
  return files.map((entry): NewFile => {
    const source = join(entry.parentPath, entry.name);
    const path = relative(folder, source)
      .slice(0, -ENDING.length)
      .replaceAll('\\', '/')
      .replaceAll(/(^|\/)dot-/g, '$1.');
    return { path: filled(path, words), text: filled(readFileSync(source, 'utf8'), words) };
  });
}

function filled(text: string, words: Readonly<Record<string, string>>): string {
  return text.replaceAll(WORD, (_, word: string) => {
    const meaning = words[word];
    if (meaning === undefined) throw new TypeError(`a template has {{${word}}}, which means nothing`);
    return meaning;
  });
}

/** Those of the files that are there already. */
export function presentFiles(folder: string, files: readonly NewFile[]): readonly string[] {
  return files.map(({ path }) => path).filter((path) => existsSync(join(folder, path)));
}

/** Writes files and the folders that they need. */
export function writeFiles(folder: string, files: readonly NewFile[]): void {
  for (const { path, text } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
