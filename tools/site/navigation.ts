/** The list of pages at the side: docs/README.md is its source, so that the index and the navigation are the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { targetOf } from './source-tree.ts';
import type { PageSource } from './source-tree.ts';

/** An entry of the navigation, with the pages below it. */
export interface NavigationEntry {
  readonly title: string;
  readonly page: PageSource;
  readonly children: readonly NavigationEntry[];
}

/** A heading of the navigation. */
export interface NavigationGroup {
  readonly title: string;
  readonly entries: readonly NavigationEntry[];
}

const INDEX = 'docs/README.md';
const ENTRY = /^\s*- \[([^\]]+)\]\(([^)]+)\)/;
/** An index page, and the folder whose pages belong below it. */
const BELOW: Readonly<Record<string, string>> = { 'docs/plugins/README.md': 'docs/plugins/', 'docs/sdk-reference.md': 'docs/sdk/' };

/**
 * Reads the navigation: each second-level heading of docs/README.md is a group, each item that begins with a link an entry.
 * @param titleOf the title of a page
 */
export function navigation(root: string, pages: ReadonlyMap<string, PageSource>, titleOf: (page: PageSource) => string): NavigationGroup[] {
  const groups: { title: string; entries: NavigationEntry[] }[] = [];
  for (const line of readFileSync(join(root, INDEX), 'utf8').split('\n')) {
    const [, heading] = /^## (.+)$/.exec(line) ?? [];
    if (heading !== undefined) groups.push({ title: heading, entries: [] });
    const [, title = '', href = ''] = ENTRY.exec(line) ?? [];
    const page = pages.get(targetOf(INDEX, href)?.path ?? '');
    if (title !== '' && page !== undefined) groups.at(-1)?.entries.push({ title, page, children: childrenOf(page, pages, titleOf) });
  }
  return groups.filter(({ entries }) => entries.length > 0);
}

function childrenOf(index: PageSource, pages: ReadonlyMap<string, PageSource>, titleOf: (page: PageSource) => string): NavigationEntry[] {
  const folder = BELOW[index.path];
  if (folder === undefined) return [];
  const below = [...new Set(pages.values())].filter((page) => page.path.startsWith(folder) && page.path !== index.path);
  return below.map((page) => ({ title: titleOf(page), page, children: [] })).sort((a, b) => (a.title < b.title ? -1 : 1));
}
