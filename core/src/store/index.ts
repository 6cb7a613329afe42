export type { Migration, Store, StoreDialect, WriteOptions } from './store.ts';
