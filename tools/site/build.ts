/** Builds the site: every page of docs, what they link to in the repository, the style sheet, the scripts, the search index. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { escapeHtml, frame } from './frame.ts';
import type { FramedPage } from './frame.ts';
import { highlighter } from './highlight.ts';
import { relativeUrl, renderMarkdown } from './markdown.ts';
import type { Finding, RenderedPage, Site } from './markdown.ts';
import { navigation } from './navigation.ts';
import { filesIn, pageSources } from './source-tree.ts';
import type { PageSource } from './source-tree.ts';

/** What was built. */
export interface BuiltSite {
  readonly pages: number;
  /** Entries of the search index. */
  readonly findings: number;
}

/** `section`: 1 for what explains, 0 for a name: an option, a function, a file. */
type SearchEntry = [title: string, page: string, url: string, text: string, section: 0 | 1];

const BROWSER = fileURLToPath(new URL('browser/', import.meta.url));

/**
 * Builds the site into a folder, which is emptied first.
 * @param root folder of the repository
 * @param output absolute
 */
export async function buildSite(root: string, output: string): Promise<BuiltSite> {
  const sources = pageSources(root);
  const site: Site = { root, pages: byPath(sources), highlight: await highlighter(root) };
  const rendered = new Map(sources.map((page) => [page, render(site, page)]));
  const groups = navigation(root, site.pages, (page) => rendered.get(page)?.title ?? page.path);
  rmSync(output, { recursive: true, force: true });
  cpSync(BROWSER, output, { recursive: true });
  const index: SearchEntry[] = [];
  for (const [page, { title, html, headings, findings }] of rendered) {
    const framed: FramedPage = { page, title, html, headings };
    write(join(output, page.url), frame(framed, groups));
    index.push(...findings.map((found) => searchEntry(page, title, found)));
  }
  // A script and not JSON: pages opened from a folder may load the one and not the other.
  write(join(output, 'search-index.js'), `globalThis.searchIndex = ${JSON.stringify(index)};\n`);
  return { pages: rendered.size, findings: index.length };
}

function searchEntry(page: PageSource, title: string, { title: heading, anchor, text, isSection }: Finding): SearchEntry {
  return [heading, heading === title ? '' : title, heading === title ? page.url : `${page.url}#${anchor}`, text, isSection ? 1 : 0];
}

/** A README stands for its folder too. */
function byPath(sources: readonly PageSource[]): Map<string, PageSource> {
  const pages = new Map<string, PageSource>();
  for (const page of sources) {
    pages.set(page.path, page);
    if (basename(page.path) === 'README.md') pages.set(dirname(page.path), page);
  }
  return pages;
}

function render(site: Site, page: PageSource): RenderedPage {
  if (page.kind === 'markdown') return renderMarkdown(site, page);
  const title = basename(page.path);
  const body = page.kind === 'folder' ? folderList(site, page) : fileText(site, page);
  const html = `<h1>${escapeHtml(title)}</h1>\n<p class="path"><code>${escapeHtml(page.path)}</code></p>\n${body}`;
  return { title, html, headings: [], findings: page.kind === 'code' ? [{ title, anchor: '', text: page.path, isSection: false }] : [] };
}

function fileText(site: Site, page: PageSource): string {
  const text = readFileSync(join(site.root, page.path), 'utf8');
  const language = extname(page.path).slice(1);
  return `<div class="code"><button type="button" class="copy" aria-label="Copy">Copy</button>${site.highlight(text, language)}</div>`;
}

function folderList(site: Site, page: PageSource): string {
  const items = filesIn(site.root, page.path).flatMap((path) => {
    const target = site.pages.get(path);
    return target === undefined ? [] : [`<li><a href="${relativeUrl(page.url, target.url)}">${escapeHtml(basename(path))}</a></li>`];
  });
  return `<ul>${items.join('')}</ul>`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
