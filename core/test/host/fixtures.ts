/** Hosts for tests: a temporary store, a fake clock, a log that is kept, and plugins of a few lines. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { FakeClock } from '../../src/clock/index.ts';
import { bootHost, checkConfig, definePlugin, openLog, token } from '../../src/host/index.ts';
import type { BootOptions, Host, PluginDefinition, PluginSpec, ServerInput, Token } from '../../src/host/index.ts';
import { temporaryStore } from '../../src/store/index.ts';

export const ROOT = new URL('..', import.meta.url);

/** A log that remembers its lines as objects. */
export class KeptLog {
  readonly lines: Record<string, unknown>[] = [];
  /** The lines as they were written. */
  text = '';
  readonly logger = openLog({
    level: 'trace',
    output: new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.text += chunk.toString();
        this.lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
        done();
      },
    }),
  });

  get messages(): unknown[] {
    return this.lines.map((line) => line['msg']);
  }
}

const NOTHING = z.strictObject({});

/** A plugin with nothing but what is given. */
export function plugin(name: string, parts: Omit<Partial<PluginSpec>, 'config' | 'name'> = {}): PluginDefinition<typeof NOTHING> {
  return definePlugin({ summary: `The plugin ${name}.`, root: ROOT, ...parts, name, config: NOTHING });
}

export interface TestHost {
  readonly host: Host;
  readonly clock: FakeClock;
  readonly log: KeptLog;
}

/** Boots a host on the plugins; the caller closes it. */
export async function boot(
  plugins: ServerInput['plugins'],
  options: Omit<BootOptions, 'clock' | 'logger' | 'store'> = {},
  settings: Partial<ServerInput> = {},
  file?: string,
): Promise<TestHost> {
  const clock = new FakeClock();
  const log = new KeptLog();
  const config = await checkConfig({ ...settings, plugins }, file === undefined ? {} : { file });
  const store = temporaryStore(clock);
  try {
    return { host: await bootHost(config, { ...options, clock, logger: log.logger, store }), clock, log };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** An empty folder that goes with the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'parley-host-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A folder in which `@example/<name>` packages are installed; each value is the source of a default export. */
export function installed(packages: Readonly<Record<string, string>>): string {
  const root = folder();
  for (const [name, source] of Object.entries(packages)) {
    const at = join(root, 'node_modules', '@example', name);
    mkdirSync(at, { recursive: true });
    writeFileSync(
      join(at, 'package.json'),
      JSON.stringify({ name: `@example/${name}`, version: '1.2.3', type: 'module', parley: { plugin: './plugin.mjs' } }),
    );
    writeFileSync(join(at, 'plugin.mjs'), `export default ${source};\n`);
  }
  return root;
}

/** A service for plugins to need. */
export interface Greeter {
  greet(): string;
}
export const Greeter: Token<Greeter> = token<Greeter>('greeter');
export const Other: Token<object> = token<object>('other');

export class Hello implements Greeter {
  greet(): string {
    return 'hello';
  }
}

/** Remembers what was called in which order. */
export function recorder(): { readonly calls: string[]; readonly part: (name: string) => new () => object } {
  const calls: string[] = [];
  return {
    calls,
    part: (name) =>
      class {
        start(): void {
          calls.push(`start ${name}`);
        }
        drain(): void {
          calls.push(`drain ${name}`);
        }
        stop(): void {
          calls.push(`stop ${name}`);
        }
      },
  };
}

/** Provides it. */
export const provider = plugin('provider', { provides: [Greeter], handler: Hello });
