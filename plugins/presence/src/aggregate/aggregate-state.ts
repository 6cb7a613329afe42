/** Many states of one user become one. [MS-PRES] section 3.8, S5; sheet ms-pres-schemas section 3.14. */
import type { StateDocument } from './state-document.ts';

/** A state as it was published. */
export interface PublishedState extends StateDocument {
  readonly instance: number;
  /** Milliseconds since 1970, the server's clock: publishers' clocks decide nothing. */
  readonly publishTime: number;
  /** Of the endpoint that published it, where it is bound to one. */
  readonly endpointId?: string | undefined;
  /** Milliseconds since 1970, of one bound to a time; from then on it does not count. */
  readonly expiresAt?: number | undefined;
}

/** What the states of one aggregation container are together. */
export interface AggregateState {
  readonly availability: number;
  readonly token?: string | undefined;
  readonly device?: string | undefined;
  /** When the user's last active machine ceased to be; kept while none is, shown or not. Hand it in with the next aggregation. */
  readonly inactiveSince?: number | undefined;
  /** `inactiveSince`, when the availability shows inactivity. */
  readonly lastActive?: number | undefined;
  /** The most active machine; undefined when there is none: the user is offline. */
  readonly machine?: PublishedState | undefined;
  /** The aggregateState for the owner, with everything that is known. */
  readonly document: string;
}

export interface AggregationInput {
  /** All instances of `state` in one of the aggregation containers, in any order; aggregates among them are passed over. */
  readonly states: readonly PublishedState[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What came out last time; undefined after a start. */
  readonly previous?: Pick<AggregateState, 'availability' | 'inactiveSince'> | undefined;
}

/** Pure; the order of the states does not matter. */
export function aggregateState({ states, now, previous }: AggregationInput): AggregateState {
  void [states, now, previous];
  throw new Error('not there yet');
}
