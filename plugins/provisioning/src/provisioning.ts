/** Puts together what a client is told: defaults, what plugins contribute, what the operator prescribes. */
import { Log, Markup, PluginConfig, inject, injectable } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import type { Provisioning, ProvisioningContext, ProvisioningContribution, ProvisioningGroup, ProvisioningValues } from './api.ts';
import type { ProvisioningConfig } from './config.ts';
import type { FilledGroup } from './document.ts';
import { DEFAULTS, SETTING_NAME } from './groups.ts';
import { Settings } from './settings.ts';

const NO_CONTEXT: ProvisioningContext = { subnet: undefined, userAgent: '' };

/** Told that a user's values, or everybody's, may be others now. */
export type ChangeListener = (aor: string | undefined) => void;

@injectable()
export class ProvisioningService implements Provisioning {
  private contributions: readonly ProvisioningContribution[] = [];
  private readonly listeners = new Set<ChangeListener>();
  /** What the plugin's own configuration says in words of its own. */
  private readonly own: ProvisioningValues;

  constructor(
    @inject(Settings) private readonly settings: Settings,
    @inject(PluginConfig) config: Pick<ProvisioningConfig, 'organization' | 'mediaEncryption' | 'mediaPorts'>,
    @inject(Log) private readonly log: Log,
  ) {
    this.own = { organization: config.organization, ucPC2PCAVEncryption: config.mediaEncryption, ...portValues(config.mediaPorts) };
    settings.onChange(() => this.changed());
  }

  contribute(contribution: ProvisioningContribution): () => void {
    // A copy of its own, so that one contributed twice is taken back once.
    const entry: ProvisioningContribution = { group: contribution.group, values: (user, context) => contribution.values(user, context) };
    this.contributions = [...this.contributions, entry];
    this.changed();
    return () => {
      this.contributions = this.contributions.filter((other) => other !== entry);
      this.changed();
    };
  }

  changed(aor?: string): void {
    for (const listener of this.listeners) listener(aor);
  }

  /** Calls `listener` after each change until what it returns is called. */
  onChange(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  setting(user: User, group: ProvisioningGroup, name: string): string | undefined {
    return this.filled(user, group, NO_CONTEXT).values[name];
  }

  /** What a client of this user is told in a group. */
  filled(user: User, group: ProvisioningGroup, context: ProvisioningContext): FilledGroup {
    const values: Record<string, string | undefined> = {
      ...DEFAULTS[group],
      ...(group === 'ServerConfiguration' ? defined(this.own) : {}),
    };
    const markup: Markup[] = [];
    for (const contribution of this.contributions) {
      if (contribution.group !== group) continue;
      const said = this.ask(contribution, user, context);
      if (said instanceof Markup) markup.push(said);
      else Object.assign(values, defined(said));
    }
    for (const setting of this.settings.of(user)) {
      if (setting.group === group) values[setting.name] = setting.value;
    }
    return { group, values, markup };
  }

  private ask(contribution: ProvisioningContribution, user: User, context: ProvisioningContext): ProvisioningValues | Markup {
    try {
      return contribution.values(user, context);
    } catch (error) {
      this.log.error(
        { err: error, group: contribution.group, user: user.aor },
        'a contribution to provisioning failed: clients go without it',
      );
      return {};
    }
  }
}

/** A name that is none would make the whole document unreadable. */
function defined(values: ProvisioningValues): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined && SETTING_NAME.test(entry[0])),
  );
}

/** All ten ports or none: a client that misses one warns. [MS-SIPREGE] section 5.3. */
function portValues(ports: ProvisioningConfig['mediaPorts']): ProvisioningValues {
  if (ports === undefined) return {};
  const { media, audio, video, appSharing, fileTransfer } = ports;
  const ranges = { Media: media, Audio: audio, Video: video, AppSharing: appSharing, FileTransfer: fileTransfer };
  const values: Record<string, string> = { ucPortRangeEnabled: 'true' };
  for (const [kind, [least, most]] of Object.entries(ranges)) {
    values[`ucMin${kind}Port`] = String(least);
    values[`ucMax${kind}Port`] = String(most);
  }
  return values;
}
