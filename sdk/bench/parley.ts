/** Parley itself, as an operator starts it: the built command with a configuration file. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startServer } from './process.ts';
import type { StartOptions, Subject } from './subject.ts';

const ROOT = join(import.meta.dirname, '../..');
const COMMAND = join(ROOT, 'cli/bin/parley.js');

/** Registrar and routing, every user of the domain known, no authentication. */
export const parley: Subject = {
  name: 'Parley',

  unavailable() {
    return existsSync(COMMAND) ? undefined : 'Parley is not built: npm run build';
  },

  version() {
    return '0.1.0';
  },

  async start(options) {
    const port = await freePort();
    const tlsPort = await freePort();
    const file = join(options.folder, 'parley.config.json');
    writeFileSync(file, JSON.stringify(configuration(options, port, tlsPort), undefined, 2));
    const server = await startServer(process.execPath, [COMMAND, 'start', '--config', file], {
      core: options.core,
      cwd: options.folder,
      env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
      ready: (log) => /ready|listening/i.test(log),
    });
    return { ...server, ports: { udp: port, tcp: port, tls: tlsPort } };
  },
};

function configuration(options: StartOptions, port: number, tlsPort: number): object {
  return {
    domains: [options.domain],
    dataDir: join(options.folder, 'data'),
    listeners: [
      { transport: 'UDP', host: '127.0.0.1', port },
      { transport: 'TCP', host: '127.0.0.1', port },
      { transport: 'TLS', host: '127.0.0.1', port: tlsPort, tls: { cert: options.certificate.certFile, key: options.certificate.keyFile } },
    ],
    plugins: { registrar: { users: 'any' }, routing: {} },
  };
}
