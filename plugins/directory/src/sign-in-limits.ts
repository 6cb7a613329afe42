/** How fast passwords can be tried: from one address, and on one user. */
import type { AttemptLimit, AttemptRefusal } from './api.ts';
import { limitKey } from './limit-key.ts';
import type { SignInLimitsConfig } from './sign-in-limits-config.ts';
import { TokenBuckets } from './token-buckets.ts';

/**
 * Failed attempts only. A user who has signed in from an address before is counted there apart from the rest: neither somebody
 * who tries that user's password elsewhere, nor a broken phone behind the same NAT, keeps the user out.
 */
export class SignInLimits {
  private readonly addresses: TokenBuckets;
  private readonly users: TokenBuckets;
  private readonly atHome: TokenBuckets;
  /** `user address` pairs that have succeeded, the one used longest ago first. */
  private readonly known = new Set<string>();
  private readonly maxKeys: number;

  constructor(config: SignInLimitsConfig) {
    this.maxKeys = config.maxKeys;
    this.addresses = new TokenBuckets(config.perAddress, config.perAddressMinute, config.maxKeys);
    this.users = new TokenBuckets(config.perUser, config.perUserMinute, config.maxKeys);
    this.atHome = new TokenBuckets(config.perUser, config.perUserMinute, config.maxKeys);
  }

  /** Why an attempt may not even be looked at, or undefined. `user` need not exist. */
  refuse(host: string, user: string, now: number): AttemptRefusal | undefined {
    const address = limitKey(host);
    const pair = `${user} ${address}`;
    if (this.known.has(pair)) return refusal('user', this.atHome, pair, now);
    return refusal('address', this.addresses, address, now) ?? refusal('user', this.users, user, now);
  }

  /** Counts a failed attempt. The limit that it used up, if it was the last one allowed. */
  failed(host: string, user: string, now: number): AttemptLimit | undefined {
    const address = limitKey(host);
    const pair = `${user} ${address}`;
    if (this.known.has(pair)) return this.atHome.take(pair, now) ? 'user' : undefined;
    const lastOfAddress = this.addresses.take(address, now);
    if (this.users.take(user, now)) return 'user';
    return lastOfAddress ? 'address' : undefined;
  }

  /** Remembers where a user signs in from. */
  succeeded(host: string, user: string): void {
    const pair = `${user} ${limitKey(host)}`;
    this.known.delete(pair);
    this.known.add(pair);
    if (this.known.size > this.maxKeys) this.known.delete(this.known.values().next().value as string);
  }

  /** How many addresses and users would be refused now. */
  waiting(now: number): Readonly<Record<AttemptLimit, number>> {
    return { address: this.addresses.emptyAt(now), user: this.users.emptyAt(now) + this.atHome.emptyAt(now) };
  }

  /** Forgets what has recovered. */
  sweep(now: number): void {
    for (const buckets of [this.addresses, this.users, this.atHome]) buckets.sweep(now);
  }
}

function refusal(limit: AttemptLimit, buckets: TokenBuckets, key: string, now: number): AttemptRefusal | undefined {
  return buckets.isEmpty(key, now) ? { limit, retryAfterSeconds: buckets.secondsToWait(key, now) } : undefined;
}
