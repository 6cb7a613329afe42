/** Presence as the store keeps it, and the schema changes that bring it there. */
import type { Migration } from '@parley/sdk';

/** A row of `presence_instances`: something that is published. */
export interface InstanceRow {
  /** Id of the user in the directory. */
  readonly user_id: string;
  readonly category: string;
  readonly container: number;
  readonly instance: number;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly publish_time: number;
  readonly expire_type: string;
  /** Seconds, for `time`; otherwise 0. */
  readonly expires: number;
  /** Key of the endpoint that it is bound to; '' when it is bound to none. */
  readonly endpoint: string;
  /** The GUID that this endpoint calls itself; '' without one. */
  readonly endpoint_id: string;
  /** `client`, `directory`, or `server` for other plugins. */
  readonly origin: string;
  /** The document, as it was published. */
  readonly content: string;
}

/** A row of `presence_containers`; containers that are as every account begins with have none. */
export interface ContainerRow {
  readonly user_id: string;
  readonly container: number;
  readonly version: number;
  /** JSON: a list of [type, value]. */
  readonly members: string;
}

/** A row of `presence_subscribers`: somebody who has asked to watch. */
export interface SubscriberRow {
  readonly user_id: string;
  /** Address of the watcher, lower case. */
  readonly watcher: string;
  readonly display_name: string;
  /** Where the watcher comes from. */
  readonly relation: string;
  readonly context: string;
  /** 1: the user has taken note of it. */
  readonly acknowledged: number;
  /** Milliseconds since 1970. */
  readonly asked_at: number;
}

/** A row of `presence_delegates`; users who never had any have none. */
export interface DelegatesRow {
  readonly user_id: string;
  readonly version: number;
  /** JSON: a list of addresses. */
  readonly members: string;
}

/** A row of `presence_users`. */
export interface UserRow {
  readonly user_id: string;
  /** The highest version that an aggregated instance of the user has had. */
  readonly generation: number;
}

/** A row of `presence_subscriptions`: one that can outlive a restart, since its notifications need no connection. */
export interface SubscriptionRow {
  /** Call-ID and tags. */
  readonly id: string;
  /** JSON: see subscription-journal.ts. */
  readonly details: string;
  /** Milliseconds since 1970. */
  readonly expires_at: number;
}

/** The tables of the plugin. */
export interface PresenceTables {
  readonly presence_instances: InstanceRow;
  readonly presence_containers: ContainerRow;
  readonly presence_subscribers: SubscriberRow;
  readonly presence_delegates: DelegatesRow;
  readonly presence_users: UserRow;
  readonly presence_subscriptions: SubscriptionRow;
}

/** Schema changes of the plugin, by name. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-presence': {
    async up(db): Promise<void> {
      await db.schema
        .createTable('presence_instances')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('category', 'text', (column) => column.notNull())
        .addColumn('container', 'bigint', (column) => column.notNull())
        .addColumn('instance', 'bigint', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('publish_time', 'bigint', (column) => column.notNull())
        .addColumn('expire_type', 'text', (column) => column.notNull())
        .addColumn('expires', 'bigint', (column) => column.notNull())
        .addColumn('endpoint', 'text', (column) => column.notNull())
        .addColumn('endpoint_id', 'text', (column) => column.notNull())
        .addColumn('origin', 'text', (column) => column.notNull())
        .addColumn('content', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('presence_instances_key', ['user_id', 'category', 'container', 'instance'])
        .execute();
      await db.schema
        .createTable('presence_containers')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('container', 'bigint', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('members', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('presence_containers_key', ['user_id', 'container'])
        .execute();
      await db.schema
        .createTable('presence_subscribers')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('watcher', 'text', (column) => column.notNull())
        .addColumn('display_name', 'text', (column) => column.notNull())
        .addColumn('relation', 'text', (column) => column.notNull())
        .addColumn('context', 'text', (column) => column.notNull())
        .addColumn('acknowledged', 'bigint', (column) => column.notNull())
        .addColumn('asked_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('presence_subscribers_key', ['user_id', 'watcher'])
        .execute();
      await db.schema
        .createTable('presence_users')
        .addColumn('user_id', 'text', (column) => column.primaryKey())
        .addColumn('generation', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('presence_subscriptions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('details', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '002-delegates': {
    async up(db): Promise<void> {
      await db.schema
        .createTable('presence_delegates')
        .addColumn('user_id', 'text', (column) => column.primaryKey())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('members', 'text', (column) => column.notNull())
        .execute();
    },
  },
};
