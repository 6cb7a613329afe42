/** What presence offers to those who keep access control entries. */
import { token } from '@parley/core';
import type { Token } from '@parley/core';

/** An access control entry of LCS 2005. [MS-SIP] section 2.2.3. */
export interface PresenceAccessEntry {
  readonly type: 'ALL' | 'DOMAIN' | 'USER';
  /** An address without its scheme for USER, a domain for DOMAIN, empty for ALL; lower case. */
  readonly mask: string;
  /** Two letters, of which presence looks at the first: Allow, Prompt, Deny, Block politely. */
  readonly rights: string;
}

/** Makes entries what they mean for presence. The plugin that serves presence provides it. */
export interface PresenceAccess {
  /**
   * Blocks or unblocks; resolves when it is committed. The same entry twice is the same as once.
   * @param owner whose presence it is about, `user@host` in lower case
   * @throws when it cannot be stored: the status of the error is for the client
   */
  apply(owner: string, entry: PresenceAccessEntry): Promise<void>;
}
export const PresenceAccess: Token<PresenceAccess> = token<PresenceAccess>('presence-access');
