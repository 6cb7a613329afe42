/** Reads which contacts a client subscribes to. [MS-PRES] sections 2.2.2.4 and 6.8; sheet section 3.10.1. */

/** A contact in a batch. */
export interface WatchedResource {
  /** Address in lower case, without scheme and parameters. */
  readonly aor: string;
  /** URI as it was sent. */
  readonly uri: string;
  /** Markup inside of its `context` (may be empty), at most 1024 characters; undefined without one: the contact is not to be told. */
  readonly context: string | undefined;
}

export interface BatchAction {
  readonly name: 'subscribe' | 'unsubscribe';
  readonly id: string;
  /** At least one, each once. */
  readonly resources: readonly WatchedResource[];
  /** Names, each once. */
  readonly categories: readonly string[];
}

export interface BatchSubscribe {
  /** Address of record of the subscriber as the document has it, in lower case, without scheme. */
  readonly aor: string | undefined;
  /** At least one. */
  readonly actions: readonly BatchAction[];
}

/** Reads the body of a SUBSCRIBE. Throws PRESENCE_DOCUMENT_*. */
export function readBatchSubscribe(body: Buffer | string): BatchSubscribe {
  void body;
  return { aor: undefined, actions: [] };
}
