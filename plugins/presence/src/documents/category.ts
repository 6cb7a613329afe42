/** What is published: an instance of a category in a container. [MS-PRES] section 2.2.2.1; sheet section 3.2. */

/** How long an instance lives: until deleted, while its endpoint or any endpoint of the user is registered, or for a number of seconds. */
export type ExpireType = 'static' | 'endpoint' | 'user' | 'time';

/** What names an instance of one publisher. */
export interface InstanceKey {
  /** Category, `state`; compared with regard to case. */
  readonly name: string;
  /** 0..4294967295. */
  readonly instance: number;
  /** 0..32767. */
  readonly container: number;
}

/** A stored instance as its owner's endpoints are shown it. */
export interface CategoryInstance extends InstanceKey {
  /** Milliseconds since 1970, the server's clock. */
  readonly publishTime: number;
  /** From 1. */
  readonly version: number;
  readonly expireType: ExpireType;
  /** Of the endpoint that published it, where it is bound to one. */
  readonly endpointId?: string | undefined;
  /** Seconds, for `time`. */
  readonly expires?: number | undefined;
  /** The category document exactly as it was published; empty when there is none. */
  readonly content: string;
}

/** An instance that the server publishes for a user. */
export interface ServerPublication extends InstanceKey {
  readonly expireType: ExpireType;
  readonly content: string;
}
