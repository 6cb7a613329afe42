/** The HTML around a page: head, bar, navigation, list of sections. */
import { relativeUrl } from './markdown.ts';
import type { Heading } from './markdown.ts';
import type { NavigationEntry, NavigationGroup } from './navigation.ts';
import type { PageSource } from './source-tree.ts';

/** A page with everything that stands on it. */
export interface FramedPage {
  readonly page: PageSource;
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
}

/** Sections that the list at the side has; a page with more is a reference, and is searched instead. */
const MOST_SECTIONS = 60;

/** The whole HTML of a page. */
export function frame(framed: FramedPage, groups: readonly NavigationGroup[]): string {
  const { page, title, html, headings } = framed;
  const to = (url: string): string => relativeUrl(page.url, url);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · Parley</title>
<link rel="icon" href="${to('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${to('style.css')}">
<script src="${to('theme.js')}"></script>
<script src="${to('site.js')}" defer></script>
</head>
<body data-base="${to('index.html').replace(/index\.html$/, '')}">
<a class="skip" href="#content">To the content</a>
<header>
<button type="button" id="menu" aria-expanded="false" aria-controls="navigation" aria-label="Pages"><span></span><span></span><span></span></button>
<a class="brand" href="${to('index.html')}">Parley</a>
<div class="search" role="search"><input id="search" type="search" placeholder="Search" aria-label="Search" autocomplete="off" spellcheck="false"><ol id="results" hidden></ol></div>
<button type="button" id="theme" aria-label="Light or dark" title="Light or dark"></button>
</header>
<nav id="navigation" aria-label="Pages">${groups.map((group) => groupHtml(group, page, to)).join('')}</nav>
<main id="content">
<article>
${html}
</article>
</main>
${sectionsHtml(headings)}
</body>
</html>
`;
}

function groupHtml({ title, entries }: NavigationGroup, page: PageSource, to: (url: string) => string): string {
  return `<h2>${escapeHtml(title)}</h2><ul>${entries.map((entry) => entryHtml(entry, page, to)).join('')}</ul>`;
}

function entryHtml({ title, page, children }: NavigationEntry, current: PageSource, to: (url: string) => string): string {
  const here = page === current;
  const link = `<a href="${to(page.url)}"${here ? ' aria-current="page"' : ''}>${escapeHtml(title)}</a>`;
  const open = here || children.some((child) => child.page === current);
  if (!open || children.length === 0) return `<li>${link}</li>`;
  return `<li>${link}<ul>${children.map((child) => entryHtml(child, current, to)).join('')}</ul></li>`;
}

function sectionsHtml(headings: readonly Heading[]): string {
  const shown = headings.filter(({ level }) => level === 2 || level === 3);
  const fewer = shown.length > MOST_SECTIONS ? shown.filter(({ level }) => level === 2) : shown;
  if (fewer.length < 2 || fewer.length > MOST_SECTIONS) return '';
  const items = fewer.map(({ level, text, anchor }) => `<li class="level${level}"><a href="#${anchor}">${escapeHtml(text)}</a></li>`);
  return `<aside aria-label="On this page"><h2>On this page</h2><ul>${items.join('')}</ul></aside>`;
}

/** Text as HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
