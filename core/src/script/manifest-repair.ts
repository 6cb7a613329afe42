/** The three faults that published manifests have, found before the XML parser gives up on them. Sheet mspl 3.1. */
import type { ParleyError } from '../errors/index.ts';
import { ManifestErrors as E } from './errors.ts';
import type { Span } from './source-text.ts';

/** One fault and its place in the manifest. */
export interface XmlFault extends Span {
  readonly error: ParleyError;
}

export interface RepairedXml {
  /** As long as the original, so that all positions stay. */
  readonly text: string;
  readonly faults: readonly XmlFault[];
}

const LEFT = '\u201c\u201d\u201e\u201f\u2033';
const TYPOGRAPHIC = new RegExp(`[${LEFT}]`);

/** Finds the three faults and mends them: a space inside `/ >`, typographic quotes around values, an XML declaration without its `?`. */
export function repairXml(text: string): RepairedXml {
  return new Repair(text).run();
}

class Repair {
  private readonly pieces: string[] = [];
  private readonly faults: XmlFault[] = [];
  private copied = 0;

  constructor(private readonly text: string) {}

  run(): RepairedXml {
    this.declaration();
    let at = this.copied;
    while (at < this.text.length) {
      const open = this.text.indexOf('<', at);
      if (open < 0) break;
      at = this.opaqueEnd(open) ?? this.tag(open);
    }
    this.pieces.push(this.text.slice(this.copied));
    return { text: this.pieces.join(''), faults: this.faults };
  }

  /** `<?xml version="1.0">`: blanked out, because the text is decoded already and the version says nothing. */
  private declaration(): void {
    const found = /^(\ufeff?\s*)(<\?xml\s[^<>?]*)>/.exec(this.text);
    if (found === null) return;
    const start = (found[1] ?? '').length;
    const end = found[0].length;
    this.replace(E.MSPL_XML_DECLARATION(), end - 1, end, start, this.text.slice(start, end).replace(/[^\r\n]/g, ' '));
  }

  /** Where a comment, CDATA section, processing instruction or DTD that begins here ends; undefined for a tag. */
  private opaqueEnd(open: number): number | undefined {
    for (const [head, tail] of [
      ['<!--', '-->'],
      ['<![CDATA[', ']]>'],
      ['<?', '?>'],
      ['<!', '>'],
    ] as const) {
      if (!this.text.startsWith(head, open)) continue;
      const end = this.text.indexOf(tail, open + head.length);
      return end < 0 ? this.text.length : end + tail.length;
    }
    return undefined;
  }

  /** Walks over one tag; gives the position behind it. */
  private tag(open: number): number {
    let at = open + 1;
    while (at < this.text.length) {
      const char = this.text.charAt(at);
      if (char === '>') return at + 1;
      if (char === '<') return at;
      if (char === '"' || char === "'") {
        const close = this.text.indexOf(char, at + 1);
        at = close < 0 ? this.text.length : close + 1;
      } else if (TYPOGRAPHIC.test(char)) at = this.typographicValue(at);
      else if (char === '/') at = this.slash(at);
      else at++;
    }
    return at;
  }

  private typographicValue(at: number): number {
    const rest = this.text.slice(at + 1);
    const length = rest.search(new RegExp(`[${LEFT}"<>]`));
    if (length < 0 || rest[length] === '<' || rest[length] === '>') return at + 1;
    const end = at + length + 2;
    this.replace(E.MSPL_XML_QUOTES(), at, end, at, `"${rest.slice(0, length)}"`);
    return end;
  }

  private slash(at: number): number {
    const spaces = /^\/(\s+)>/.exec(this.text.slice(at, at + 64));
    if (spaces === null) return at + 1;
    const end = at + spaces[0].length;
    this.replace(E.MSPL_XML_TAG_END(), at, end, at, `${spaces[1] ?? ''}/>`);
    return end - 1;
  }

  /** Reports the span from `start` to `end` and puts `text` in the place of what stands from `from` to `end`. */
  private replace(error: ParleyError, start: number, end: number, from: number, text: string): void {
    this.faults.push({ error, start, end });
    this.pieces.push(this.text.slice(this.copied, from), text);
    this.copied = end;
  }
}
