/** Parley itself, as an operator starts it: the built command with a configuration file. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accepts, freePort, startServer } from './process.ts';
import type { StartOptions, Subject } from './subject.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The command that an operator starts. */
export const COMMAND = join(ROOT, 'cli/bin/parley.js');

/**
 * Registrar and routing, every user of the domain known, no authentication, limits out of the way of one address that opens
 * thousands of connections. @param persist keep registrations in the store as well, which the anchor does not do
 * @param nodeOptions for Node itself
 */
export function parley(persist: boolean, nodeOptions: readonly string[] = []): Subject {
  return {
    name: 'Parley',

    unavailable() {
      return existsSync(join(ROOT, 'cli/dist/index.js')) ? undefined : 'Parley is not built: npm run build';
    },

    version() {
      const { version } = JSON.parse(readFileSync(join(ROOT, 'cli/package.json'), 'utf8')) as { version: string };
      return persist ? `${version} with its store` : version;
    },

    async start(options) {
      const port = await freePort();
      const tlsPort = await freePort();
      const file = join(options.folder, 'parley.config.json');
      writeFileSync(file, JSON.stringify(configuration(options, port, tlsPort, persist), undefined, 2));
      const server = await startServer(process.execPath, [...nodeOptions, COMMAND, 'start', '--config', file], {
        core: options.core,
        cwd: options.folder,
        env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
        ready: async () => (await accepts(port)) && (await accepts(tlsPort)),
      });
      return { ...server, ports: { udp: port, tcp: port, tls: tlsPort } };
    },
  };
}

function configuration(options: StartOptions, port: number, tlsPort: number, persist: boolean): object {
  const host = '127.0.0.1';
  return {
    domains: [options.domain],
    dataDir: join(options.folder, 'data'),
    listen: [
      { transport: 'udp', host, port, advertise: host },
      { transport: 'tcp', host, port, advertise: host },
      { transport: 'tls', host, port: tlsPort, advertise: host, tls: { ...options.certificate } },
    ],
    log: { level: 'warn' },
    limits: {
      connections: 20_000,
      connectionsPerAddress: 20_000,
      halfOpenConnections: 20_000,
      unauthenticatedSeconds: 0,
      unauthenticatedBytes: 0,
      idleSeconds: 0,
    },
    plugins: {
      registrar: { users: 'any', requireAuthentication: false, persist },
      routing: { users: 'any', requireAuthentication: false },
    },
  };
}
