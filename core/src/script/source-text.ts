/** A manifest's text with its lines, and the script inside it with the way back to the manifest's positions. */

/** Where something stands in a file. Lines and columns count from 1; a column is one UTF-16 unit. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A stretch of text by offsets, the end not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One file's text; knows its lines. */
export class SourceText {
  private readonly lineStarts: number[] = [0];

  constructor(
    readonly file: string,
    readonly text: string,
  ) {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 0x0a || (code === 0x0d && text.charCodeAt(i + 1) !== 0x0a)) this.lineStarts.push(i + 1);
    }
  }

  /** The place of an offset; one outside the text is moved to its nearer end. */
  place(offset: number): SourcePlace {
    const at = Math.min(Math.max(offset, 0), this.text.length);
    const index = lastAtMost(this.lineStarts, at);
    return { file: this.file, line: index + 1, column: at - (this.lineStarts[index] ?? 0) + 1 };
  }

  /** A line's text without its line end; empty for a number that is none of the file's. */
  line(number: number): string {
    const start = this.lineStarts[number - 1];
    if (start === undefined) return '';
    return this.text.slice(start, this.lineStarts[number]).replace(/[\r\n]+$/, '');
  }
}

/** A run of script characters that stand in the manifest just as they are. */
export interface ScriptSegment {
  /** Offset in the script. */
  readonly start: number;
  /** Offset in the manifest of the same character. */
  readonly source: number;
}

/** The script as the lexer reads it: XML's escapes resolved, CDATA opened. */
export class ScriptText {
  private readonly starts: readonly number[];

  /** @param segments ascending; none for a script that is its own file */
  constructor(
    readonly text: string,
    private readonly segments: readonly ScriptSegment[] = [{ start: 0, source: 0 }],
  ) {
    this.starts = segments.map((segment) => segment.start);
  }

  /** The offset in the manifest of an offset in the script. */
  sourceOffset(offset: number): number {
    const segment = this.segments[lastAtMost(this.starts, offset)];
    return segment === undefined ? offset : segment.source + (offset - segment.start);
  }
}

/** Index of the last value that is not above `limit`, in an ascending list; 0 if there is none. */
function lastAtMost(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ascending[middle] as number) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
