/** A verifier with two users, a keytab on the disk, and tickets for it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import { onTestFinished } from 'vitest';
import type { KerberosKey } from '../../../sdk/src/kerberos/kerberos-key.ts';
import { KERBEROS_NOW, randomKerberosKey, kerberosToken, writeKeytab } from '@parley/sdk/testkit';
import type { KerberosTokenShape } from '@parley/sdk/testkit';
import { KerberosConfig } from '../src/config.ts';
import { TicketVerifier } from '../src/ticket-verifier.ts';

export const FQDN = 'ocs.example.test';
export const SPN = `sip/${FQDN}`;

function user(id: string, logins: readonly string[], more: Partial<User> = {}): User {
  const base = { id, aor: `${id}@example.test`, displayName: id, phones: [], groups: [], homeServer: null, createdAt: 0 };
  return { ...base, logins, enabled: true, passwordChangedAt: null, ...more };
}

/** A directory of literals: alice, and bob who has another address. */
export class FakeDirectory {
  readonly users = [user('alice', []), user('bob', ['EXAMPLE\\bob', 'bob@CORP.TEST'], { aor: 'robert@example.test' })];

  change(id: string, more: Partial<User>): void {
    const at = this.users.findIndex((one) => one.id === id);
    this.users[at] = { ...(this.users[at] as User), ...more };
  }

  findByAor = (aor: string): User | undefined => this.users.find((one) => one.aor === aor.toLowerCase());
  findByLogin = (login: string): User | undefined =>
    this.findByAor(login) ?? this.users.find(({ logins }) => logins.some((one) => one.toLowerCase() === login.toLowerCase()));
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
  readonly directory = new FakeDirectory();
  readonly key: KerberosKey = randomKerberosKey();
  readonly lines: unknown[][] = [];
  readonly dataDir = temporaryFolder();
  readonly keytab = join(this.dataDir, 'parley.keytab');
  readonly verifier: TicketVerifier;

  constructor(config: unknown = {}) {
    this.write(writeKeytab({ principal: SPN, key: this.key }, { principal: `HTTP/${FQDN}`, key: this.key }));
    const say = (...line: unknown[]): void => void this.lines.push(line);
    const server = { fqdn: FQDN, dataDir: this.dataDir };
    this.verifier = new TicketVerifier(this.directory, this.clock, { info: say, error: say }, server, KerberosConfig.parse(config));
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
