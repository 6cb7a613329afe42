/** What plugins know of users and senders, for routing scripts that ask. */
import { USER_OPTION } from '../script/index.ts';
import type { ExternalSource } from '../script/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Inbound } from '../transport/index.ts';
import type { ExtensionList } from './extensions.ts';
import { telling } from './owned-extensions.ts';
import type { ExtensionFailed } from './owned-extensions.ts';

/** A member of UserOption. */
export type UserOptionName =
  'RccEnabled' | 'UcEnabled' | 'DualModeEnabled' | 'NoAudioVideo' | 'PublicCloud' | 'Federation' | 'OutsideAccess' | 'RpAllowed';

/** A member of ClusterType. */
export type ClusterTypeName = 'PrimaryRegistrar' | 'BackupRegistrar' | 'UserServices';

/** Questions of scripts. Each is answered while a message waits: from memory, in microseconds. Undefined: another plugin may know. */
export interface ScriptAnswers {
  /** CheckUserOption. @param key `user@host`, or with `isPhone` a number */
  userOption?(key: string, option: UserOptionName, isPhone: boolean): boolean | undefined;
  /** QueryHomeServer: an FQDN. */
  homeServer?(key: string, isPhone: boolean, cluster: ClusterTypeName): string | undefined;
  /** Origin, ExternalSourceType and ExternalSourceNetwork of a message: what an edge has found out about its sender. */
  source?(inbound: Inbound<SipRequest>): ExternalSource | undefined;
}

/** Asks the plugins in the order of their registration; the first that knows answers. */
export class AskPlugins {
  /** @param failed told what a plugin throws; the script ends with it, since nobody knows what the plugin would have said */
  constructor(
    private readonly plugins: Pick<ExtensionList<ScriptAnswers>, 'entries'>,
    private readonly failed: ExtensionFailed,
  ) {}

  userOption(key: string, option: string, isPhone: boolean): boolean | undefined {
    if (!USER_OPTION.members.includes(option)) return undefined;
    return this.first('userOption', (answers) => answers.userOption?.(key, option as UserOptionName, isPhone));
  }

  homeServer(key: string, isPhone: boolean, cluster: string): string | undefined {
    return this.first('homeServer', (answers) => answers.homeServer?.(key, isPhone, cluster as ClusterTypeName));
  }

  source(inbound: Inbound<SipRequest>): ExternalSource | undefined {
    return this.first('source', (answers) => answers.source?.(inbound));
  }

  private first<T>(what: keyof ScriptAnswers, ask: (answers: ScriptAnswers) => T | undefined): T | undefined {
    for (const { plugin, value } of this.plugins.entries) {
      const answer = telling(plugin, `${what} for a routing script`, this.failed, () => ask(value));
      if (answer !== undefined) return answer;
    }
    return undefined;
  }
}
