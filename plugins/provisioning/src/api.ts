/** What other plugins may add to, and know of, the provisioning of clients. */
import { subject, token } from '@parley/sdk';
import type { Markup, Subject, Token } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';

/** The groups of [MS-SIPREGE] section 2.2.2.5. */
export type ProvisioningGroup =
  | 'ServerConfiguration'
  | 'meetingPolicy'
  | 'ucPolicy'
  | 'publicationGrammar'
  | 'userSetting'
  | 'endpointConfiguration'
  | 'locationPolicy'
  | 'mediaConfiguration'
  | 'presencePolicyV2'
  | 'persistentChatConfiguration'
  | 'privacyPublicationGrammar'
  | 'publicProviders';

/** Settings by name, as clients spell it. Undefined leaves one to those who say more. */
export type ProvisioningValues = Readonly<Record<string, string | undefined>>;

/** Who asks, besides the user. */
export interface ProvisioningContext {
  /** The IP subnet that the client says it is in: `192.0.2.0`. */
  readonly subnet: string | undefined;
  readonly userAgent: string;
}

/** What a plugin tells clients in one group. */
export interface ProvisioningContribution {
  readonly group: ProvisioningGroup;
  /**
   * Asked for each client that asks. Settings; or, for publicationGrammar, privacyPublicationGrammar and publicProviders, the elements
   * inside the group. What it throws is logged, and costs its own values alone.
   */
  values(user: User, context: ProvisioningContext): ProvisioningValues | Markup;
}

/** In-band provisioning of clients. */
export interface Provisioning {
  /** Adds to what clients are told; the function that it returns takes it back. Of two that name one setting, the later one wins. */
  contribute(contribution: ProvisioningContribution): () => void;
  /** Contributed values have changed, of one user (`user@host`) or of all: clients that wait for changes are told. */
  changed(aor?: string): void;
  /**
   * A setting as a client of this user is told it, for plugins that keep to the same policies: defaults, contributions, and above both what
   * the operator has set. Undefined when nobody has said anything.
   */
  setting(user: User, group: ProvisioningGroup, name: string): string | undefined;
}
export const Provisioning: Token<Provisioning> = token<Provisioning>('provisioning');

/** Somebody has changed what the operator prescribes. */
export interface SettingsChange {
  /** The node that wrote it; it knows already. */
  readonly origin: string;
}
export const SettingsChanged: Subject<SettingsChange> = subject<SettingsChange>('provisioning.settings-changed');
