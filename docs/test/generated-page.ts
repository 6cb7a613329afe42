/** Holds a page that is made from the code against the code. */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginSpec } from '@parley/core';
import { format } from 'prettier';
import { expect } from 'vitest';

/** Folder of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** UPDATE_DOCS=1 writes the pages instead. */
export const UPDATE = process.env['UPDATE_DOCS'] === '1';

/** Every plugin of the repository, by name. */
export async function everyPlugin(): Promise<readonly PluginSpec[]> {
  const plugins: PluginSpec[] = [];
  for (const name of readdirSync(join(ROOT, 'plugins')).sort()) {
    const module = (await import(join(ROOT, 'plugins', name, 'src/plugin.ts'))) as { default: PluginSpec };
    plugins.push(module.default);
  }
  return plugins;
}

/** Markdown as the formatter leaves it. */
export async function formatted(text: string): Promise<string> {
  return format(text, { parser: 'markdown', printWidth: 140, singleQuote: true, trailingComma: 'all' });
}

/** Fails when a page is not what the code says. @param file relative to docs */
export async function expectPage(file: string, text: string): Promise<void> {
  const path = join(ROOT, 'docs', file);
  const pretty = await formatted(text);
  if (UPDATE) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, pretty);
  }
  expect(contentOf(path) === pretty, `docs/${file} is not what the code says; UPDATE_DOCS=1 npm test writes it anew`).toBe(true);
}

/** Fails when a folder of generated pages has others than these. @param folder relative to docs */
export function expectNoOthers(folder: string, files: readonly string[]): void {
  const path = join(ROOT, 'docs', folder);
  const others = readdirSync(path).filter((name) => !files.includes(name));
  if (UPDATE) for (const name of others) rmSync(join(path, name));
  expect(readdirSync(path).filter((name) => !files.includes(name))).toEqual([]);
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
