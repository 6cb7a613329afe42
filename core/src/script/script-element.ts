/** The script inside its splScript element: CDATA opened, escapes resolved, every character's place in the manifest kept. */
import { ScriptText } from './source-text.ts';
import type { ScriptSegment, Span } from './source-text.ts';

const MARKUP = /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|&(#x[0-9A-Fa-f]+|#[0-9]+|[a-z]+);/g;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const CDATA_HEAD = '<![CDATA['.length;

/** Reads the script from the manifest's text. @param content of the splScript element, which is well-formed XML */
export function readScript(manifest: string, content: Span): ScriptText {
  const segments: ScriptSegment[] = [];
  const pieces: string[] = [];
  let length = 0;
  const add = (text: string, source: number): void => {
    if (text === '') return;
    segments.push({ start: length, source });
    pieces.push(text);
    length += text.length;
  };
  const inner = manifest.slice(content.start, content.end);
  let copied = 0;
  for (const match of inner.matchAll(MARKUP)) {
    const { index } = match;
    add(inner.slice(copied, index), content.start + copied);
    copied = index + match[0].length;
    if (match[1] !== undefined) add(match[1], content.start + index + CDATA_HEAD);
    else if (match[2] !== undefined) add(character(match[2]), content.start + index);
  }
  add(inner.slice(copied), content.start + copied);
  return new ScriptText(pieces.join(''), segments.length === 0 ? [{ start: 0, source: content.start }] : segments);
}

function character(reference: string): string {
  if (!reference.startsWith('#')) return NAMED[reference] ?? '';
  const code = reference.startsWith('#x') ? Number.parseInt(reference.slice(2), 16) : Number(reference.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
