/** Builds ocs-client, a scripted pidgin-sipe, from the sources that lie beside the project. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed, run } from '../program.ts';
import { ROOT } from '../server.ts';

/** The folder of the peers' sources. */
const PEERS = process.env['PARLEY_PEERS'] ?? join(ROOT, '../shared/peers');
const SOURCE = join(PEERS, 'ocs-client');

/** Why ocs-client cannot be built here; undefined when it can, as far as can be told without trying. */
export function ocsClientAbsent(): string | undefined {
  if (!existsSync(join(SOURCE, 'ocs-client.c')))
    return `the sources of ocs-client are not in ${SOURCE} (PARLEY_PEERS names another folder)`;
  const tools = { cc: 'gcc', make: 'make', 'pkg-config': 'pkg-config' };
  const absent = Object.entries(tools).filter(([command]) => !installed(command));
  if (absent.length > 0) return `not installed: ${absent.map(([, packageName]) => packageName).join(', ')}`;
  const plugin = [
    '/usr/lib/purple-2/libsipe.so',
    '/usr/lib/x86_64-linux-gnu/purple-2/libsipe.so',
    '/usr/lib/aarch64-linux-gnu/purple-2/libsipe.so',
  ];
  return plugin.some((file) => existsSync(file)) ? undefined : 'not installed: pidgin-sipe';
}

/** The program, built once for each version of its source. @throws Error with what the compiler said */
export async function buildOcsClient(): Promise<string> {
  const version = Math.floor(statSync(join(SOURCE, 'ocs-client.c')).mtimeMs);
  const folder = join(tmpdir(), 'parley-ocs-client');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, `ocs-client-${version}`);
  if (existsSync(program)) return program;
  const { code, output } = await run('make', ['-C', SOURCE, `OUT=${program}`]);
  if (code !== 0) throw new Error(`ocs-client could not be built (${code}):\n${output}`);
  return program;
}
