/** One copy of strings that many registrations have in common: products, hosts, sockets. */
import { detach } from '@parley/sdk';

/** Longer ones are hardly ever shared. */
const MAX_LENGTH = 256;

/** Forgets nothing, but takes only so many. */
export class SharedStrings {
  private readonly known = new Map<string, string>();

  constructor(private readonly limit = 10_000) {}

  /** A string equal to `text`, detached from the message that it came with; the same one each time, as long as there is room. */
  of(text: string): string {
    const found = this.known.get(text);
    if (found !== undefined) return found;
    const own = detach(text);
    if (this.known.size < this.limit && text.length <= MAX_LENGTH) this.known.set(own, own);
    return own;
  }
}
