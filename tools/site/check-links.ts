/** Checks a built site: every link leads to a page that is there and an anchor that it has, and nothing is loaded from elsewhere. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const REFERENCE = /<(a|link|script|img|iframe|source|video)\b[^>]*?\b(href|src)="([^"]*)"/g;
const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/** Every reference that leads nowhere, as `page: reference`. @param folder of the built site */
export function brokenLinks(folder: string): string[] {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  const anchors = new Map<string, ReadonlySet<string>>();
  const anchorsOf = (path: string): ReadonlySet<string> => {
    let known = anchors.get(path);
    if (known === undefined) anchors.set(path, (known = idsIn(readFileSync(path, 'utf8'))));
    return known;
  };
  return pages.flatMap((page) => {
    const path = join(folder, page);
    const html = readFileSync(path, 'utf8');
    return [...html.matchAll(REFERENCE)]
      .filter(([, tag = '', , target = '']) => isBroken(path, tag, unescapeHtml(target), anchorsOf))
      .map(([, , , target = '']) => `${relative(folder, path)}: ${target}`);
  });
}

function isBroken(page: string, tag: string, target: string, anchorsOf: (path: string) => ReadonlySet<string>): boolean {
  // A link may lead out; what the browser loads by itself may not.
  if (ELSEWHERE.test(target)) return tag !== 'a';
  const [file = '', anchor = ''] = target.split('#');
  const path = file === '' ? page : join(dirname(page), decodeURI(file));
  if (!existsSync(path)) return true;
  return anchor !== '' && path.endsWith('.html') && !anchorsOf(path).has(decodeURIComponent(anchor));
}

function idsIn(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/\bid="([^"]*)"/g)].map(([, id = '']) => unescapeHtml(id)));
}

function unescapeHtml(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
