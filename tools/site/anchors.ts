/** Anchors of headings, as GitHub makes them: what works there works on the site. */

/** `What it does (R4)` becomes `what-it-does-r4`. */
export function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc}\s-]/gu, '')
    .replaceAll(/\s/g, '-');
}

/** The anchors of one page: a heading that was there before gets a number. */
export class Anchors {
  private readonly used = new Set<string>();

  /** The anchor for a heading's text, unique on the page. */
  take(heading: string): string {
    const base = slug(heading) || 'section';
    let anchor = base;
    for (let n = 1; this.used.has(anchor); n += 1) anchor = `${base}-${n}`;
    this.used.add(anchor);
    return anchor;
  }

  /** The anchor as it is, unless the page has it already. */
  claim(anchor: string): string | undefined {
    if (this.used.has(anchor)) return undefined;
    this.used.add(anchor);
    return anchor;
  }
}
