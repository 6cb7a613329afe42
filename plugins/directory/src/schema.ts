/** The tables of the directory and the steps that make them. The same SQL on SQLite and PostgreSQL. */
import type { Migration } from '@parley/sdk';

/** Times are milliseconds since 1970, booleans 0 and 1. */
export interface DirectoryTables {
  directory_user: UserRow;
  directory_login: LoginRow;
  directory_phone: PhoneRow;
  directory_group: GroupRow;
  directory_member: MemberRow;
  directory_credential: CredentialRow;
}

export interface UserRow {
  id: string;
  aor: string;
  display_name: string;
  enabled: number;
  home_server: string | null;
  created_at: number;
  password_changed_at: number | null;
}

/** `name` is folded, `written` is what people see. */
export interface LoginRow {
  name: string;
  written: string;
  user_id: string;
  position: number;
}

export interface PhoneRow {
  number: string;
  user_id: string;
  position: number;
}

/** `name` is folded, `written` is what people see. */
export interface GroupRow {
  id: string;
  name: string;
  written: string;
}

export interface MemberRow {
  group_id: string;
  user_id: string;
}

/** `value` is sealed by the vault. */
export interface CredentialRow {
  user_id: string;
  mechanism: string;
  value: string;
}

const users: Migration = {
  async up(db) {
    await db.schema
      .createTable('directory_user')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('aor', 'text', (c) => c.notNull().unique())
      .addColumn('display_name', 'text', (c) => c.notNull())
      .addColumn('enabled', 'bigint', (c) => c.notNull())
      .addColumn('home_server', 'text')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('password_changed_at', 'bigint')
      .execute();
    await db.schema
      .createTable('directory_login')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('written', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull().references('directory_user.id'))
      .addColumn('position', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('directory_phone')
      .addColumn('number', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('directory_user.id'))
      .addColumn('position', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('directory_credential')
      .addColumn('user_id', 'text', (c) => c.notNull().references('directory_user.id'))
      .addColumn('mechanism', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('directory_credential_key', ['user_id', 'mechanism'])
      .execute();
    await db.schema.createIndex('directory_login_user').on('directory_login').column('user_id').execute();
    await db.schema.createIndex('directory_phone_user').on('directory_phone').column('user_id').execute();
  },
};

const groups: Migration = {
  async up(db) {
    await db.schema
      .createTable('directory_group')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('written', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('directory_member')
      .addColumn('group_id', 'text', (c) => c.notNull().references('directory_group.id'))
      .addColumn('user_id', 'text', (c) => c.notNull().references('directory_user.id'))
      .addPrimaryKeyConstraint('directory_member_key', ['group_id', 'user_id'])
      .execute();
    await db.schema.createIndex('directory_member_user').on('directory_member').column('user_id').execute();
  },
};

/** In order of their names. */
export const migrations: Readonly<Record<string, Migration>> = { '001-users': users, '002-groups': groups };
