/** What a torture case is: a message, the reaction that its RFC prescribes for a proxy and registrar, and how that is seen. */
import type { WireMessage } from '../wire.ts';

/** What came of sending one message. */
export interface Observed {
  /** The message as sent. */
  readonly sent: WireMessage;
  /** As it arrived at the registered endpoint; undefined when it was not forwarded. */
  readonly forwarded: WireMessage | undefined;
  /** First final response; undefined when none came. */
  readonly response: WireMessage | undefined;
  /** The server closed the connection; always false over UDP. */
  readonly closed: boolean;
}

/** Reactions that the RFC allows. Without statuses and forwarding: silence. */
export interface Expected {
  /** Final responses of the server's own. */
  readonly statuses?: readonly number[];
  /** `must`: the endpoint gets it and its 200 comes back. `may`: that, or one of the statuses. */
  readonly forwarded?: 'must' | 'may';
  /** The connection is given up, with or without a response before. */
  readonly closes?: boolean;
  /** Anything finer; throws (vitest's expect) when it does not hold. */
  readonly check?: (seen: Observed) => void;
}

/** One message of a set. */
export interface TortureCase {
  /** The RFC's own label, or the section's number with a letter. */
  readonly name: string;
  readonly section: string;
  readonly title: string;
  /** In our words, for a proxy and registrar. Goes into the conformance table. */
  readonly prescribed: string;
  /** Address that an endpoint registers first, so that a forwarded message is seen. */
  readonly endpoint?: string;
  readonly expected: Expected;
  /** Where a stream makes a difference. A string: why it is not sent over one. */
  readonly onStream?: Expected | string;
  /** It leaves a registration behind, so that the next case needs a new server. */
  readonly registers?: boolean;
  /** Bytes, when they are ours to write down. */
  readonly bytes?: Buffer;
}
