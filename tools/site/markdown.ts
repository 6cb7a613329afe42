/** Turns a page of markdown into HTML: anchors, links between pages, code with colours, tables that scroll, pictures in the page itself. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';
import { Anchors } from './anchors.ts';
import type { Highlight } from './highlight.ts';
import { targetOf } from './source-tree.ts';
import type { PageSource } from './source-tree.ts';

/** A heading of a page. */
export interface Heading {
  readonly level: number;
  readonly text: string;
  readonly anchor: string;
}

/** What can be found by searching: a section, or a line of a table. */
export interface Finding {
  readonly title: string;
  readonly anchor: string;
  readonly text: string;
  readonly isSection: boolean;
}

/** A page as HTML, without the frame around it. */
export interface RenderedPage {
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
  readonly findings: readonly Finding[];
}

/** What the pages of one site have in common. */
export interface Site {
  /** Folder of the repository. */
  readonly root: string;
  /** Pages by their path in the repository; a folder with a README by its own path too. */
  readonly pages: ReadonlyMap<string, PageSource>;
  readonly highlight: Highlight;
}

/** Columns from which a table is too wide for a phone; and characters of a name from which two are. */
const WIDE = 3;
const LONG_NAME = 20;

/** Renders one page of markdown. */
export function renderMarkdown(site: Site, page: PageSource): RenderedPage {
  const md = new MarkdownIt({ html: true, linkify: false, typographer: false });
  const tokens = md.parse(readFileSync(join(site.root, page.path), 'utf8'), {});
  const headings = giveAnchors(tokens);
  labelCells(tokens);
  const findings = findingsOf(tokens);
  for (const token of tokens) for (const child of token.children ?? []) turnLink(site, page, child);
  Object.assign(md.renderer.rules, {
    fence: (all: readonly Token[], at: number) => codeBlock(site, all[at] as Token),
    code_block: (all: readonly Token[], at: number) => codeBlock(site, all[at] as Token),
    code_inline: (all: readonly Token[], at: number) => `<code>${nameHtml(md.utils.escapeHtml((all[at] as Token).content))}</code>`,
    table_open: () => '<div class="scroll"><table>\n',
    table_close: () => '</table></div>\n',
    image: (all: readonly Token[], at: number) => picture(site, page, all[at] as Token),
    heading_close: (all: readonly Token[], at: number) => {
      const anchor = attribute(all[at - 2], 'id');
      return ` <a class="anchor" href="#${anchor}" aria-label="Link to this section">#</a></${(all[at] as Token).tag}>\n`;
    },
  });
  const title = headings.find(({ level }) => level === 1)?.text ?? posix.basename(page.path, '.md');
  return { title, html: md.renderer.render(tokens, md.options, {}), headings, findings };
}

/** Sets the id of every heading, and of every line of a table that begins with a name in code. */
function giveAnchors(tokens: readonly Token[]): Heading[] {
  const anchors = new Anchors();
  const headings: Heading[] = [];
  tokens.forEach((token, at) => {
    if (token.type !== 'heading_open') return;
    const text = plain(tokens[at + 1]);
    const anchor = anchors.take(text);
    token.attrSet('id', anchor);
    headings.push({ level: Number(token.tag.slice(1)), text, anchor });
  });
  tokens.forEach((token, at) => {
    if (token.type !== 'tr_open') return;
    const name = nameOfRow(tokens, at);
    const anchor = name === undefined ? undefined : anchors.claim(name.toLowerCase().replaceAll(/[^\w.-]+/g, '-'));
    if (anchor !== undefined) token.attrSet('id', anchor);
  });
  return headings;
}

/** On a narrow screen a line of a wide table is shown as a list: each cell carries the title of its column. */
function labelCells(tokens: readonly Token[]): void {
  let titles: string[] = [];
  let column = 0;
  let isWide = false;
  tokens.forEach((token, at) => {
    if (token.type === 'thead_open') titles = [];
    if (token.type === 'th_open') titles.push(plain(tokens[at + 1]));
    if (token.type === 'tbody_open') isWide = titles.length >= WIDE || hasLongName(tokens, at);
    if (token.type === 'tr_open') column = 0;
    if (token.type !== 'td_open') return;
    const title = titles[column];
    if (isWide && title !== undefined && title !== '') token.attrSet('data-title', title);
    column += 1;
  });
}

/** Whether the first cell of a line is too long to stand beside another. */
function hasLongName(tokens: readonly Token[], tbody: number): boolean {
  const end = tokens.findIndex((token, at) => at > tbody && token.type === 'tbody_close');
  return tokens.slice(tbody, end).some((token, at, body) => token.type === 'tr_open' && plain(body[at + 2]).length > LONG_NAME);
}

/** The code that is the whole first cell of a line. */
function nameOfRow(tokens: readonly Token[], at: number): string | undefined {
  const first = tokens[at + 2];
  const [code, ...more] = first?.children ?? [];
  return tokens[at + 1]?.type === 'td_open' && code?.type === 'code_inline' && more.length === 0 ? code.content : undefined;
}

/** The body of a table is found by its lines, everything else by its section. A line without an anchor leads to its section. */
function findingsOf(tokens: readonly Token[]): Finding[] {
  const findings: { title: string; anchor: string; text: string; isSection: boolean }[] = [];
  let section: (typeof findings)[number] | undefined;
  let inRow = false;
  tokens.forEach((token, at) => {
    if (token.type === 'tr_close') inRow = false;
    if (token.type === 'heading_open') {
      findings.push((section = { title: plain(tokens[at + 1]), anchor: attribute(token, 'id'), text: '', isSection: true }));
    } else if (token.type === 'tr_open' && tokens[at + 1]?.type === 'td_open') {
      inRow = true;
      const [title = '', ...cells] = rowText(tokens, at);
      const anchor = attribute(token, 'id') || (section?.anchor ?? '');
      findings.push({ title, anchor, text: cells.join(' '), isSection: false });
    } else if (section !== undefined && token.type === 'inline' && !inRow && tokens[at - 1]?.type !== 'heading_open') {
      section.text = `${section.text} ${plain(token)}`.trim();
    }
  });
  return findings;
}

function rowText(tokens: readonly Token[], at: number): string[] {
  const end = tokens.findIndex((token, i) => i > at && token.type === 'tr_close');
  return tokens
    .slice(at, end)
    .filter(({ type }) => type === 'inline')
    .map(plain);
}

/** Long names may end a line at their joints: `listen[].tls.minVersion`, `MSPL_WRONG_KIND`. */
function nameHtml(escaped: string): string {
  return escaped.length < LONG_NAME ? escaped : escaped.replaceAll(/(?<=\w)[._]|\]|[,(/](?=[^\s])/g, '$&<wbr>');
}

/** An attribute's text; '' for one that is not there. */
function attribute(token: Token | undefined, name: string): string {
  return String(token?.attrGet(name) ?? '');
}

function plain(token: Token | undefined): string {
  return (token?.children ?? [])
    .filter(({ type }) => type === 'text' || type === 'code_inline' || type === 'softbreak')
    .map(({ type, content }) => (type === 'softbreak' ? ' ' : content))
    .join('');
}

/** A link to a file of the repository becomes one to its page. What has no page stays as it is, and the check of links finds it. */
function turnLink(site: Site, page: PageSource, token: Token): void {
  if (token.type !== 'link_open') return;
  const href = attribute(token, 'href');
  const target = targetOf(page.path, href);
  if (target === undefined) return token.attrSet('rel', 'noopener');
  const to = site.pages.get(target.path);
  if (to !== undefined) token.attrSet('href', `${relativeUrl(page.url, to.url)}${target.anchor === '' ? '' : `#${target.anchor}`}`);
}

/** The link from one page of the site to another. */
export function relativeUrl(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to) || posix.basename(to);
}

function codeBlock(site: Site, token: Token): string {
  const [language = ''] = token.info.trim().split(/\s+/);
  return `<div class="code"><button type="button" class="copy" aria-label="Copy">Copy</button>${site.highlight(token.content, language)}</div>\n`;
}

/** An SVG goes into the page itself, so that it changes with the theme. */
function picture(site: Site, page: PageSource, token: Token): string {
  const target = targetOf(page.path, attribute(token, 'src'));
  if (target === undefined || !target.path.endsWith('.svg'))
    throw new Error(`${page.path}: a picture has to be an SVG file of this repository`);
  const svg = readFileSync(join(site.root, target.path), 'utf8').replace(/<\?xml[^>]*\?>\s*/, '');
  return `<figure>${svg}</figure>`;
}
