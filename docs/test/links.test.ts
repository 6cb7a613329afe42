/** Links of the pages, as GitHub follows them. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import MarkdownIt from 'markdown-it';
import { expect, test } from 'vitest';
import { Anchors } from '../../tools/site/anchors.ts';
import { targetOf } from '../../tools/site/source-tree.ts';
import { ROOT } from './generated-page.ts';

const md = new MarkdownIt({ html: true });

function pages(): string[] {
  const folders = ['docs', 'sdk/src', ...readdirSync(join(ROOT, 'plugins')).map((name) => `plugins/${name}`)];
  const below = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((path) => !/(?:^|\/)(?:node_modules|dist|site)\//.test(path)),
  );
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...below];
}

interface Page {
  readonly links: readonly string[];
  readonly anchors: ReadonlySet<string>;
}

function read(page: string): Page {
  const anchors = new Anchors();
  const found = new Set<string>();
  const links: string[] = [];
  const tokens = md.parse(readFileSync(join(ROOT, page), 'utf8'), {});
  tokens.forEach((token, at) => {
    const children = token.children ?? [];
    if (tokens[at - 1]?.type === 'heading_open') {
      found.add(anchors.take(children.map(({ type, content }) => (type === 'text' || type === 'code_inline' ? content : '')).join('')));
    }
    for (const child of children) {
      const href = child.attrGet('href') ?? child.attrGet('src');
      if (href !== null) links.push(String(href));
    }
  });
  return { links, anchors: found };
}

test('every link of a page leads to a file that is there and a heading that it has', () => {
  const known = new Map(pages().map((page) => [page, read(page)]));
  const broken = [...known].flatMap(([page, { links }]) => {
    const leadsNowhere = (href: string): boolean => {
      const target = targetOf(page, href);
      if (target === undefined) return false;
      if (!existsSync(join(ROOT, target.path))) return true;
      // A line of a table has an anchor on the site alone.
      const anchors = known.get(target.path)?.anchors;
      return target.anchor !== '' && anchors !== undefined && !anchors.has(target.anchor) && !isRow(target.path, target.anchor);
    };
    return links.filter(leadsNowhere).map((href) => `${page}: ${href}`);
  });
  expect(broken).toEqual([]);
});

/** docs/errors.md and docs/configuration.md are tables: a code or option is a line of them. */
function isRow(page: string, anchor: string): boolean {
  if (dirname(page) !== 'docs') return false;
  return new RegExp(`^\\| \`${anchor.replaceAll('.', '\\.')}\``, 'im').test(readFileSync(join(ROOT, page), 'utf8'));
}
