/** A verifier with the users of a server, a keytab on the disk, and tickets for it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import directory from '@parley/plugin-directory';
import { Directory } from '@parley/plugin-directory/api';
import { ENCTYPES } from '@parley/sdk';
import { FakeClock, KERBEROS_NOW, kerberosToken, randomKerberosKey, testLog, testServer, writeKeytab } from '@parley/sdk/testkit';
import type { KerberosTokenShape } from '@parley/sdk/testkit';
import { afterAll, onTestFinished } from 'vitest';
import { KerberosConfig } from '../src/config.ts';
import { TicketVerifier } from '../src/ticket-verifier.ts';

export const FQDN = 'ocs.example.test';
export const SPN = `sip/${FQDN}`;

const server = await testServer({
  plugins: [directory()],
  domain: 'example.test',
  users: ['alice', { name: 'robert', logins: ['EXAMPLE\\bob', 'bob@CORP.TEST'] }, { name: 'dora', enabled: false }],
});
afterAll(() => server.close());

/** alice, robert who signs in as bob, and dora who is disabled. */
export const users = server.find(Directory);

/** The id of a user. */
export function idOf(name: string): string | undefined {
  return users.findByAor(`${name}@example.test`)?.id;
}

type Key = ReturnType<typeof randomKerberosKey>;

/** A key of the type that is too weak unless it is asked for. */
export function weakKey(): Key {
  return randomKerberosKey(ENCTYPES.find(({ name }) => name === 'rc4-hmac'));
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-kerberos-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Everything around one verifier. */
export class World {
  readonly clock = new FakeClock(KERBEROS_NOW);
  readonly key: Key = randomKerberosKey();
  readonly dataDir = temporaryFolder();
  readonly keytab = join(this.dataDir, 'parley.keytab');
  readonly verifier: TicketVerifier;

  constructor(config: unknown = {}) {
    this.write(writeKeytab({ principal: SPN, key: this.key }, { principal: `HTTP/${FQDN}`, key: this.key }));
    this.verifier = new TicketVerifier(users, this.clock, testLog(), { fqdn: FQDN, dataDir: this.dataDir }, KerberosConfig.parse(config));
    this.verifier.open();
  }

  write(bytes: Buffer): void {
    writeFileSync(this.keytab, bytes, { mode: 0o600 });
  }

  token(shape: KerberosTokenShape = {}): Buffer {
    return kerberosToken(this.key, { time: this.clock.now(), ...shape });
  }

  verify(shape: KerberosTokenShape = {}): ReturnType<TicketVerifier['verify']> {
    return this.verifier.verify(this.token(shape), 'sip');
  }
}
