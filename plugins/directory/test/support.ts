/** A directory on a store of its own, as the host would put it together. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock, migrate, openStore, temporaryStore } from '@parley/sdk';
import type {
  AdminCommand,
  Bus,
  Clock,
  CommandResult,
  Log,
  PluginScope,
  RequestSubject,
  Store,
  Subject,
  Token,
  Unsubscribe,
} from '@parley/sdk';
import { Directory, DirectoryAdmin } from '../src/api.ts';
import { DirectoryConfig } from '../src/config.ts';
import { EmbeddedDirectoryAdmin } from '../src/directory-admin.ts';
import { EmbeddedDirectory } from '../src/directory.ts';
import plugin from '../src/plugin.ts';
import { migrations } from '../src/schema.ts';

/** Tells its subscribers at once and remembers what was said. */
export class RecordingBus implements Bus {
  readonly said: { subject: string; message: unknown }[] = [];
  private readonly listeners = new Map<string, ((message: never) => unknown)[]>();
  private readonly settled: unknown[] = [];

  publish<M>(subject: Subject<M>, message: M): void {
    this.said.push({ subject: subject.name, message });
    for (const listener of this.listeners.get(subject.name) ?? []) this.settled.push(listener(message as never));
  }

  subscribe<M>(subject: Subject<M>, listener: (message: M) => void | Promise<void>): Unsubscribe {
    const list = this.listeners.get(subject.name) ?? [];
    this.listeners.set(subject.name, [...list, listener]);
    return () => this.listeners.delete(subject.name);
  }

  /** Waits for the listeners that were told. */
  async idle(): Promise<void> {
    await Promise.all(this.settled);
  }

  request<Q, R>(_subject: RequestSubject<Q, R>): Promise<R> {
    return Promise.reject(new Error('nobody answers here'));
  }

  answer(): Unsubscribe {
    return () => undefined;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Keeps the lines, so that a test can look for what must not be in them. */
export class RecordingLog implements Log {
  readonly lines: unknown[][] = [];
  readonly trace = (...line: unknown[]): void => void this.lines.push(line);
  readonly debug = this.trace;
  readonly info = this.trace;
  readonly warn = this.trace;
  readonly error = this.trace;
  readonly fatal = this.trace;
  child(): Log {
    return this;
  }
}

/** SQLite in a folder of its own; a schema of its own in PostgreSQL when PARLEY_TEST_PG names a database. */
async function openTestStore(clock: Clock): Promise<Store & { close(): Promise<void> }> {
  const url = process.env['PARLEY_TEST_PG'];
  if (url === undefined) return temporaryStore(clock);
  const schema = `parley_test_${randomBytes(6).toString('hex')}`;
  const within = new URL(url);
  within.searchParams.set('options', `-c search_path=${schema}`);
  const store = await openStore({ kind: 'postgres', url: within.href, connections: 2 }, { clock });
  await store.write((trx) => trx.schema.createSchema(schema).execute());
  return {
    dialect: store.dialect,
    read: store.read,
    write: store.write.bind(store),
    as: store.as.bind(store),
    close: async () => {
      await store.write((trx) => trx.schema.dropSchema(schema).cascade().execute());
      await store.close();
    },
  };
}

/** Everything around one directory. `restart` is another process on the same data, `node` another one beside it. */
export class World {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'parley-directory-'));
  readonly log = new RecordingLog();
  readonly server = { domains: ['example.com', 'example.org'], dataDir: this.dataDir };

  private constructor(
    readonly clock: FakeClock,
    readonly store: Store & { close(): Promise<void> },
  ) {}

  static async open(): Promise<World> {
    const clock = new FakeClock();
    return new World(clock, await openTestStore(clock));
  }

  async node(bus: Bus = new RecordingBus(), config: unknown = {}): Promise<Node> {
    await migrate(this.store, 'directory', migrations, 0);
    const parsed = DirectoryConfig.parse(config);
    const directory = new EmbeddedDirectory(this.store, this.server, bus, this.log, parsed);
    const admin = new EmbeddedDirectoryAdmin(directory, this.store, this.server, bus, this.clock, parsed);
    await directory.start();
    return { directory, admin, bus: bus as RecordingBus };
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.dataDir, { recursive: true });
  }
}

export interface Node {
  readonly directory: EmbeddedDirectory;
  readonly admin: EmbeddedDirectoryAdmin;
  readonly bus: RecordingBus;
}

/** Runs a command as the command line would: `run(node, 'user add', { uri: ... }, { password: ... })`. */
export async function run(
  node: Node,
  path: string,
  given: Record<string, string> = {},
  options: Record<string, string | boolean> = {},
  progress: (text: string) => void = () => undefined,
): Promise<CommandResult> {
  const command = plugin.commands?.find((c: AdminCommand) => c.path === path) as AdminCommand;
  const byToken = new Map<string, unknown>([
    [Directory.name, node.directory],
    [DirectoryAdmin.name, node.admin],
  ]);
  const scope = { resolve: (wanted: Token<unknown>) => byToken.get(wanted.name) } as unknown as PluginScope;
  return command.run({ arguments: given, options, progress, signal: new AbortController().signal }, scope);
}
