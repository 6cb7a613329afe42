/** Starts a client where a name server of the test's own is the only one. */
import { chmodSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { run } from '../program.ts';

/** Why that cannot be done here; undefined when it can. @param host loopback address whose port 53 is to be had */
export async function nameServerAbsent(host: string): Promise<string | undefined> {
  const { code } = await run('unshare', ['-m', 'true']).catch(() => ({ code: 1 }));
  if (code !== 0) return 'a mount namespace for a name server of its own is not permitted (unshare -m)';
  const socket = createSocket('udp4');
  try {
    socket.bind(53, host);
    await once(socket, 'listening');
    return undefined;
  } catch {
    return `port 53 of ${host} cannot be had`;
  } finally {
    socket.close();
  }
}

/** A program that runs `client` with the name server at `host`. @param folder where it is written */
export function withNameServer(folder: string, client: string, host: string): string {
  const resolver = join(folder, 'resolv.conf');
  const hosts = join(folder, 'hosts');
  const program = join(folder, 'ocs-client');
  writeFileSync(resolver, `nameserver ${host}\noptions timeout:2 attempts:1\n`);
  writeFileSync(hosts, '127.0.0.1 localhost\n');
  const mounts = `mount --bind ${resolver} /etc/resolv.conf && mount --bind ${hosts} /etc/hosts`;
  writeFileSync(program, `#!/bin/sh\nexec unshare -m sh -c '${mounts} && exec "$@"' sh ${client} "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}
