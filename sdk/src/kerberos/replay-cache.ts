/** Which authenticators have been used: each is good once. RFC 4120 section 3.2.3. */
import { createHash } from 'node:crypto';

/** What became of an authenticator: `full` are refused, too, for nothing can be told of them any more. */
export type ReplayVerdict = 'new' | 'replayed' | 'full';

/** Bytes of the hash that stands for an authenticator. */
const KEY_BYTES = 16;

interface Use {
  readonly client: string;
  readonly until: number;
}

/**
 * Remembers authenticators for as long as they could be shown again, in bounded memory. Only what is right in every other respect is
 * to be asked about: then nobody without a ticket can fill it, and a client can fill its own share only.
 */
export class ReplayCache {
  /** In order of use, which is the order in which they are forgotten. */
  private readonly uses = new Map<string, Use>();
  private readonly byClient = new Map<string, number>();

  /**
   * @param maxEntries authenticators remembered at a time
   * @param maxPerClient of these, how many of one client
   * @param lifetimeMs how long: twice the clock skew that is allowed
   */
  constructor(
    private readonly maxEntries: number,
    private readonly maxPerClient: number,
    private readonly lifetimeMs: number,
  ) {}

  get size(): number {
    return this.uses.size;
  }

  /**
   * Notes the use of an authenticator.
   * @param authenticator its ciphertext: nobody without the session key can make another one of the same contents
   * @param client principal that it is of
   */
  use(authenticator: Buffer, client: string, now: number): ReplayVerdict {
    this.sweep(now);
    const key = createHash('sha256').update(authenticator).digest().toString('latin1', 0, KEY_BYTES);
    if (this.uses.has(key)) return 'replayed';
    const ofClient = this.byClient.get(client) ?? 0;
    if (this.uses.size >= this.maxEntries || ofClient >= this.maxPerClient) return 'full';
    this.uses.set(key, { client, until: now + this.lifetimeMs });
    this.byClient.set(client, ofClient + 1);
    return 'new';
  }

  /** Forgets what has become too old to be shown again. */
  sweep(now: number): void {
    for (const [key, { client, until }] of this.uses) {
      if (until > now) return;
      this.uses.delete(key);
      const left = (this.byClient.get(client) ?? 1) - 1;
      if (left === 0) this.byClient.delete(client);
      else this.byClient.set(client, left);
    }
  }
}
