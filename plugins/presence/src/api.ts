/** What other plugins may know of presence, and add to it. */
import { token } from '@parley/sdk';
import type { Token } from '@parley/sdk';

/** What a user is, all endpoints together. */
export interface PresenceStatus {
  /** 3500 available, 6500 busy, 9500 do not disturb, 12500 be right back, 15500 away, 18500 offline, and between: [MS-PRES], sheet section 3.3. */
  readonly availability: number;
  /** `on-the-phone`, `in-a-meeting` ...; undefined without one. */
  readonly activity: string | undefined;
  /** The note that friends see. */
  readonly note: string | undefined;
}

/** Something that a plugin publishes for a user: a voice mail count, a calendar. */
export interface OwnPublication {
  /** One of [MS-PRES], or of the configuration. */
  readonly category: string;
  /** 0..4294967295. */
  readonly instance: number;
  /** 0..32767; see README.md for who is shown which. */
  readonly container: number;
  /** The document of the category; undefined takes it away. */
  readonly content: string | undefined;
  /** Seconds that it lives; until it is taken away when absent. */
  readonly seconds?: number;
}

/** Presence of the users of this server. */
export interface Presence {
  /** @param aor `user@host`, any case; undefined when there is no such user */
  stateOf(aor: string): PresenceStatus | undefined;
  /** Calls `listener` after each committed change of what `stateOf` says, until what it returns is called. */
  onChange(listener: (aor: string, status: PresenceStatus) => void): () => void;
  /**
   * Publishes in the server's name, whatever the version; resolves when it is committed. The user's endpoints and watchers are told.
   * @throws PRESENCE_USER_UNKNOWN, PRESENCE_NOT_STORED, PRESENCE_BUSY
   */
  publishAs(aor: string, publications: readonly OwnPublication[]): Promise<void>;
}
export const Presence: Token<Presence> = token<Presence>('presence');
