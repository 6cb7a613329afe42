/** What the operator prescribes: by configuration, and above it by command, for all, for groups and for users. */
import { randomUUID } from 'node:crypto';
import { Bus, PluginConfig, Store, inject, injectable } from '@parley/sdk';
import type { Lifecycle } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import { SettingsChanged } from './api.ts';
import type { ProvisioningGroup } from './api.ts';
import type { ProvisioningConfig } from './config.ts';
import { GROUPS } from './groups.ts';
import type { ProvisioningTables, SettingRow } from './settings-row.ts';

/** For whom a setting is: `global`, `group:sales`, `user:alice@example.com`; lower case. */
export type Scope = string;

/** One setting, and where it comes from. */
export interface KnownSetting {
  readonly scope: Scope;
  readonly group: ProvisioningGroup;
  readonly name: string;
  readonly value: string;
  /** `command` wins over `configuration` in one scope. */
  readonly from: 'configuration' | 'command';
}

export const GLOBAL: Scope = 'global';

@injectable()
export class Settings implements Lifecycle {
  private readonly configured: readonly KnownSetting[];
  private byScope: ReadonlyMap<Scope, readonly KnownSetting[]>;
  private readonly origin = randomUUID();
  private readonly listeners = new Set<() => void>();
  private unsubscribe: (() => void) | undefined;

  constructor(
    @inject(PluginConfig) config: Pick<ProvisioningConfig, 'settings' | 'groups' | 'users'>,
    @inject(Store) private readonly store: Store<ProvisioningTables>,
    @inject(Bus) private readonly bus: Pick<Bus, 'publish' | 'subscribe'>,
  ) {
    this.configured = [
      ...configuredFor(GLOBAL, config.settings),
      ...Object.entries(config.groups).flatMap(([name, settings]) => configuredFor(groupScope(name), settings)),
      ...Object.entries(config.users).flatMap(([aor, settings]) => configuredFor(userScope(aor), settings)),
    ];
    this.byScope = Map.groupBy(this.configured, ({ scope }) => scope);
  }

  async start(): Promise<void> {
    await this.read();
    this.unsubscribe = this.bus.subscribe(SettingsChanged, async ({ origin }) => {
      if (origin !== this.origin) await this.read();
    });
  }

  stop(): void {
    this.unsubscribe?.();
  }

  /** Calls `listener` after each change until what it returns is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** All that is set, what is overridden by a command left out. */
  list(): readonly KnownSetting[] {
    return [...this.byScope.values()].flat();
  }

  /**
   * What is set for a user, the least important first: for all, for the user's groups (of several the first by name comes last and so
   * decides), for the user.
   */
  of(user: Pick<User, 'aor' | 'groups'>): readonly KnownSetting[] {
    const groups = user.groups.map(groupScope).toSorted().toReversed();
    return [GLOBAL, ...groups, userScope(user.aor)].flatMap((scope) => this.byScope.get(scope) ?? []);
  }

  /** Resolves when it is on the disk. */
  async set(scope: Scope, group: ProvisioningGroup, name: string, value: string): Promise<void> {
    const row: SettingRow = { scope, setting_group: group, name, value };
    await this.store.write(async (trx) => {
      await remove(trx, row);
      await trx.insertInto('provisioning_settings').values(row).execute();
    });
    await this.changed();
  }

  /** False when no command had set it. */
  async unset(scope: Scope, group: ProvisioningGroup, name: string): Promise<boolean> {
    const removed = await this.store.write((trx) => remove(trx, { scope, setting_group: group, name }));
    if (removed) await this.changed();
    return removed;
  }

  private async changed(): Promise<void> {
    await this.read();
    this.bus.publish(SettingsChanged, { origin: this.origin });
  }

  private async read(): Promise<void> {
    const rows = await this.store.read
      .selectFrom('provisioning_settings')
      .selectAll()
      .orderBy('scope')
      .orderBy('setting_group')
      .orderBy('name')
      .execute();
    const stored = rows.flatMap(({ scope, setting_group: written, name, value }): readonly KnownSetting[] => {
      const group = GROUPS.find((one) => one === written);
      return group === undefined ? [] : [{ scope, group, name, value, from: 'command' }];
    });
    const overridden = new Set(stored.map(keyOf));
    this.byScope = Map.groupBy([...this.configured.filter((one) => !overridden.has(keyOf(one))), ...stored], ({ scope }) => scope);
    for (const listener of this.listeners) listener();
  }
}

/** The scope of a group of the directory. */
export function groupScope(name: string): Scope {
  return `group:${name.toLowerCase()}`;
}

/** The scope of a user. */
export function userScope(aor: string): Scope {
  return `user:${aor.toLowerCase()}`;
}

type Transaction = Parameters<Parameters<Store<ProvisioningTables>['write']>[0]>[0];

async function remove(trx: Transaction, { scope, setting_group: group, name }: Omit<SettingRow, 'value'>): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('provisioning_settings')
    .where('scope', '=', scope)
    .where('setting_group', '=', group)
    .where('name', '=', name)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

function configuredFor(scope: Scope, settings: ProvisioningConfig['settings']): KnownSetting[] {
  return Object.entries(settings).flatMap(([group, values]) =>
    Object.entries(values ?? {}).map(([name, value]): KnownSetting => ({
      scope,
      group: group as ProvisioningGroup,
      name,
      value,
      from: 'configuration',
    })),
  );
}

function keyOf({ scope, group, name }: KnownSetting): string {
  return `${scope} ${group} ${name}`;
}
