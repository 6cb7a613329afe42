/** What the operator has set by command, as the store keeps it. */
import type { Migration } from '@parley/sdk';

/** A row of `provisioning_settings`. */
export interface SettingRow {
  /** `global`, `group:sales`, `user:alice@example.com`; lower case. */
  readonly scope: string;
  readonly setting_group: string;
  readonly name: string;
  readonly value: string;
}

export interface ProvisioningTables {
  readonly provisioning_settings: SettingRow;
}

/** Schema changes of the plugin, by name. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-settings': {
    async up(db): Promise<void> {
      await db.schema
        .createTable('provisioning_settings')
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('setting_group', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('provisioning_settings_key', ['scope', 'setting_group', 'name'])
        .execute();
    },
  },
};
