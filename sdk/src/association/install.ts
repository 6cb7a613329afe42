/** Puts a mechanism to work in a server. */
import type { PluginScope, Subject } from '@parley/core';
import type { AssociationAccounts } from './accounts.ts';
import type { AssociationMechanism } from './mechanism.ts';

/** Attempts that must wait; `SignInAttempts` of the directory fits as it is. */
export interface AttemptLimits {
  /** Why an attempt may not be answered now, or undefined. `account` need not exist. */
  refuse(address: string, account: string, now: number): { readonly retryAfterSeconds: number } | undefined;
  failed(address: string, account: string, now: number): void;
  succeeded(address: string, account: string): void;
}

/** What the associations of one mechanism work with. */
export interface AssociationOptions {
  readonly accounts: AssociationAccounts;
  readonly attempts: AttemptLimits;
  /** Bus subjects that end every association of the user they name: disabled, password changed, removed. */
  readonly endings: readonly Subject<{ readonly id: string }>[];
  /** The oldest protocol version that is accepted: 4 when absent. In 2 and 3 the message that ends the handshake is not signed. */
  readonly oldestVersion?: 2 | 3 | 4;
}

/** Associations as other parts of the same plugin see them. */
export interface Associations {
  /** Established ones of this mechanism. */
  readonly size: number;
  /** Handshakes of this mechanism that are under way. */
  readonly pending: number;
  /** Ends what a predicate names, such as the associations of a revoked certificate; their keys still sign what goes out. */
  endWhere(condition: (association: EndedAssociation) => boolean, reason: string): void;
}

/** One association that may have to end. */
export interface EndedAssociation {
  readonly userId: string;
  readonly aor: string;
}

/**
 * Registers the gate (order 200), the stamp (order 1000), the challenger, the metrics and the sweeping of this mechanism's
 * associations. Call it in the plugin's `setup`, in a server that serves.
 */
export function installAssociations(_scope: PluginScope, _mechanism: AssociationMechanism, _options: AssociationOptions): Associations {
  throw new Error('security associations are not built yet');
}
