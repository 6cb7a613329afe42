/** Keeps the credentials of a message out of its trace, whatever a script does with them. */
import type { SipMessage } from '../sip/index.ts';
import { cut, secretsOf } from './message-changes.ts';
import type { MessageChange } from './trace-event.ts';

/** Characters of credentials below which a match would be chance. */
const SHORTEST_SECRET = 8;
/** A word of credentials that is worth hiding by itself: realms and user names are shorter. */
const LONG_PART = 16;
const HIDDEN = '(masked)';

export class TraceSecrets {
  private readonly whole: readonly string[];
  private readonly parts: readonly string[];

  /** @param message whose credentials are hidden */
  constructor(message: SipMessage) {
    this.whole = secretsOf(message).filter((secret) => secret.length >= SHORTEST_SECRET);
    // Whole values first, then what stands behind their scheme, then each long word: a nonce, a digest, a token.
    this.parts = this.whole.flatMap((secret) => {
      const words = secret.split(/[\s,="]+/).filter((word) => word.length >= LONG_PART);
      return [secret, secret.replace(/^\S+\s+/, ''), ...words];
    });
  }

  /** The text without them, whole or in parts, cut to what a trace shows. */
  clean(text: string): string {
    if (this.whole.length === 0) return cut(text);
    if (text.length >= LONG_PART && this.whole.some((secret) => secret.includes(text))) return HIDDEN;
    let clean = text;
    for (const part of this.parts) clean = clean.replaceAll(part, HIDDEN);
    return cut(clean);
  }

  /** The same for what has changed. */
  cleanChanges(changes: readonly MessageChange[]): readonly MessageChange[] {
    if (this.whole.length === 0) return changes;
    return changes.map(({ what, before, after }) => ({
      what,
      ...(before === undefined ? {} : { before: this.clean(before) }),
      ...(after === undefined ? {} : { after: this.clean(after) }),
    }));
  }
}
