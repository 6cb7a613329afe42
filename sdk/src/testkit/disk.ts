/** Where the server of a test keeps its data: the database outlives the server's process, and its disk may be full. */
import { join } from 'node:path';
import { openStore, temporarySchema } from '@parley/core';
import type { Clock, SqlStore, StoreDialect, StoreLocation, TemporarySchema } from '@parley/core';
import { DATABASE } from './parts/test-store.ts';

/** The database of one test. */
export class Disk {
  /** True: every write fails, as on a full disk. */
  full = false;
  private readonly underWay = new Set<Promise<unknown>>();
  private finished = 0;
  private schema: TemporarySchema | undefined = undefined;
  private current: SqlStore | undefined = undefined;

  constructor(
    private readonly dialect: StoreDialect,
    private readonly dataDir: string,
  ) {}

  /** Of the server that runs. */
  get store(): SqlStore {
    if (this.current === undefined) throw new Error('the server is not running');
    return this.current;
  }

  /** Grows with every write and commit. */
  get activity(): number {
    const { writes, commits } = this.current?.stats() ?? { writes: 0, commits: 0 };
    return this.finished + writes + commits;
  }

  /** The database works on something, which may be in another process. */
  get isBusy(): boolean {
    return this.underWay.size > 0;
  }

  /** Opens the database for one life of the server. Throws STORE_OPEN_FAILED. */
  async open(clock: Clock): Promise<SqlStore> {
    const store = await openStore(await this.location(), { clock, survivesPowerCut: false });
    const write = store.write.bind(store);
    store.write = (work, options) => this.watch(write(this.full ? fail : work, options));
    this.current = store;
    return store;
  }

  /** What was begun is finished; nothing more is taken. */
  async close(): Promise<void> {
    await this.current?.close();
  }

  /** Lets go of the database. */
  async discard(): Promise<void> {
    await this.close();
    await this.schema?.drop();
  }

  private async location(): Promise<StoreLocation> {
    if (this.dialect === 'sqlite') return { kind: 'sqlite', file: join(this.dataDir, 'store.sqlite') };
    if (DATABASE === undefined) throw new Error('PARLEY_TEST_PG names no database');
    this.schema ??= await temporarySchema(DATABASE);
    return { kind: 'postgres', url: this.schema.url, connections: 2 };
  }

  private watch<T>(write: Promise<T>): Promise<T> {
    this.underWay.add(write);
    const over = (): void => {
      this.underWay.delete(write);
      this.finished++;
    };
    write.then(over, over);
    return write;
  }
}

function fail(): Promise<never> {
  return Promise.reject(new Error('the disk is full'));
}
