/** Which files of the repository become pages of the site, and where each page is. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';

/** A page of the site. */
export interface PageSource {
  /** Path in the repository, with `/`. */
  readonly path: string;
  readonly kind: 'markdown' | 'code' | 'folder';
  /** Path on the site, with `/`. */
  readonly url: string;
}

const LINK = /\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g;
/** Longer ones are linked as what they are elsewhere: nobody reads them as a page. */
const CODE_LIMIT = 200_000;
const GENERATED = new Set(['node_modules', 'dist', 'site', '.git']);

/**
 * Every page of docs, and what they link to in the repository, directly or by way of another page.
 * @param root folder of the repository
 */
export function pageSources(root: string): PageSource[] {
  const found = new Map<string, PageSource>();
  const queue = markdownBelow(root, 'docs');
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (found.has(path)) continue;
    const page = pageOf(root, path);
    if (page === undefined || found.has(page.path)) continue;
    found.set(page.path, page);
    if (page.kind === 'markdown') queue.push(...linksIn(root, page.path));
    if (page.kind === 'folder') queue.push(...filesIn(root, page.path));
  }
  return [...found.values()].sort((a, b) => (a.url < b.url ? -1 : 1));
}

/** The files of a folder that is shown as a page. */
export function filesIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !GENERATED.has(name) && !name.endsWith('.tsbuildinfo'))
    .map(({ name }) => `${folder}/${name}`)
    .sort();
}

/** The path in the repository that a link on a page means; undefined for one that leads elsewhere. */
export function targetOf(page: string, href: string): { readonly path: string; readonly anchor: string } | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return undefined;
  const [file = '', anchor = ''] = href.split('#');
  const path = file === '' ? page : posix.normalize(posix.join(dirname(page), decodeURI(file))).replace(/\/$/, '');
  return { path, anchor };
}

function linksIn(root: string, page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '');
  return [...text.matchAll(LINK)]
    .map(([, href = '']) => targetOf(page, href)?.path)
    .filter((path) => path !== undefined && !path.startsWith('..') && !/\.(?:svg|png)$/.test(path))
    .filter((path): path is string => path !== undefined && existsSync(join(root, path)));
}

function pageOf(root: string, path: string): PageSource | undefined {
  const file = statSync(join(root, path), { throwIfNoEntry: false });
  if (file === undefined) return undefined;
  if (file.isDirectory()) {
    const readme = `${path}/README.md`;
    return existsSync(join(root, readme)) ? pageOf(root, readme) : { path, kind: 'folder', url: `${siteFolder(path)}/index.html` };
  }
  if (path.endsWith('.md')) {
    const url = siteFolder(path).replace(/(^|\/)README\.md$/, '$1index.html');
    return { path, kind: 'markdown', url: url.replace(/\.md$/, '.html') };
  }
  return file.size > CODE_LIMIT ? undefined : { path, kind: 'code', url: `${siteFolder(path)}.html` };
}

/** Pages of docs are at the top of the site, everything else below `repository`. */
function siteFolder(path: string): string {
  return path.startsWith('docs/') ? path.slice('docs/'.length) : `repository/${path}`;
}

function markdownBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => GENERATED.has(part)))
    .sort();
}
