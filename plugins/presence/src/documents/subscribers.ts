/** Who watches a user and was not acknowledged yet. [MS-PRES] R19, R20; sheet section 3.6. */
import { NAMESPACES } from './namespaces.ts';
import { addressOf, booleanOf, malformed, quoted, readDocument } from './read.ts';

/** An entry of the list of watchers. */
export interface Subscriber {
  /** Address without scheme. */
  readonly user: string;
  readonly displayName: string;
  readonly acknowledged: boolean;
  readonly type?: 'federated' | 'publicCloud' | 'sameEnterprise' | 'unknown' | undefined;
  /** Markup that the watcher sent inside of its context. */
  readonly context?: string | undefined;
}

const WHAT = 'setSubscribers';

/** Reads a setSubscribers: the address (lower case, without scheme) that is acknowledged. Throws PRESENCE_DOCUMENT_*. */
export function readSetSubscribers(body: Buffer | string): string {
  const { root } = readDocument(body, WHAT, { local: WHAT, namespace: NAMESPACES.subscribers }, { size: 8192, depth: 16, elements: 64 });
  const [subscriber, ...more] = root.all('subscriber', NAMESPACES.subscribers);
  if (subscriber === undefined || more.length > 0)
    throw malformed(WHAT, `it has ${more.length + (subscriber ? 1 : 0)} subscribers, not one`);
  const said = subscriber.attribute('user');
  const user = addressOf(said);
  if (user === undefined) throw malformed(WHAT, `user is ${quoted(said ?? '')}, not an address`);
  // The schema fixes it: there is no way to take an acknowledgement back.
  if (!booleanOf(subscriber.attribute('acknowledged'), true)) throw malformed(WHAT, 'acknowledged can only be true');
  return user;
}
