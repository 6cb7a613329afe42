/** Client certificates on a store of their own, with a directory of two users. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, temporaryStore } from '@parley/sdk';
import type { Store } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import { RecordedCertificates } from '../src/client-certificates.ts';
import type { CertificateUsers } from '../src/client-certificates.ts';
import { migrations } from '../src/client-certificate-row.ts';
import type { PkiTables } from '../src/client-certificate-row.ts';
import { PkiConfig } from '../src/config.ts';
import { RecordingBus, RecordingLog } from './recording.ts';
import { JumpingClock } from './support.ts';

/** The id and address of a user. */
export interface Person {
  readonly id: string;
  readonly aor: string;
}
export const ALICE: Person = { id: 'u1', aor: 'alice@example.com' };
export const BOB: Person = { id: 'u2', aor: 'bob@example.com' };

/** Users by id and address, as the directory finds them. */
export class TestUsers implements CertificateUsers {
  private readonly enabled = new Map([ALICE, BOB].map((person) => [person, true]));

  set(person: Person, enabled: boolean): void {
    this.enabled.set(person, enabled);
  }

  remove(person: Person): void {
    this.enabled.delete(person);
  }

  findById(id: string): User | undefined {
    return this.user((person) => person.id === id);
  }

  findByAor(aor: string): User | undefined {
    return this.user((person) => person.aor === aor.toLowerCase());
  }

  private user(wanted: (person: Person) => boolean): User | undefined {
    const person = [...this.enabled.keys()].find(wanted);
    if (person === undefined) return undefined;
    const nothing = { displayName: '', logins: [], phones: [], groups: [], homeServer: null, createdAt: 0, passwordChangedAt: null };
    return { ...nothing, ...person, enabled: this.enabled.get(person) === true };
  }
}

/** Everything around the certificates of one server; `node` is another server on the same database. */
export class CertificateWorld {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'parley-pki-'));
  readonly clock = new JumpingClock();
  readonly log = new RecordingLog();
  readonly bus = new RecordingBus();
  readonly users = new TestUsers();
  certificates: RecordedCertificates;
  private settings = PkiConfig.parse({});
  private nodes: RecordedCertificates[] = [];

  private constructor(private readonly store: Store & { close(): Promise<void> }) {
    this.certificates = this.make();
  }

  static async open(): Promise<CertificateWorld> {
    const store = temporaryStore();
    await migrate(store, 'pki', migrations, 0);
    const world = new CertificateWorld(store);
    await world.certificates.start();
    return world;
  }

  /** Other settings, from now on and after `restart`. */
  config(settings: unknown): void {
    Object.assign(this.settings, PkiConfig.parse(settings));
  }

  async restart(): Promise<void> {
    this.certificates.stop();
    this.certificates = this.make();
    await this.certificates.start();
  }

  async node(): Promise<RecordedCertificates> {
    const node = this.make();
    await node.start();
    return node;
  }

  setEnabled(person: Person, enabled: boolean): void {
    this.users.set(person, enabled);
  }

  remove(person: Person): void {
    this.users.remove(person);
  }

  /** Waits for the writes that were asked for. */
  async settled(): Promise<void> {
    await this.store.write(() => Promise.resolve());
  }

  async rows(): Promise<number> {
    await this.settled();
    return (await this.store.as<PkiTables>().read.selectFrom('pki_client_certificate').selectAll().execute()).length;
  }

  file(name: string): string {
    return join(this.dataDir, name);
  }

  async close(): Promise<void> {
    for (const node of this.nodes) node.stop();
    await this.store.close();
    rmSync(this.dataDir, { recursive: true });
  }

  private make(): RecordedCertificates {
    const server = { dataDir: this.dataDir, mode: 'serve' as const };
    const made = new RecordedCertificates(this.store, server, this.clock, this.bus, this.log, this.settings, this.users);
    this.nodes.push(made);
    return made;
  }
}
