import { afterEach, expect, test } from 'vitest';
import { FakeClock } from '@parley/sdk';
import type { Log, Store } from '@parley/sdk';
import { testStore } from '@parley/sdk/testkit';
import { migrations } from '../src/binding-row.ts';
import type { RegistrarTables } from '../src/binding-row.ts';
import { BindingRecord } from '../src/binding.ts';
import { Journal } from '../src/journal.ts';
import { ALL_METHODS } from '../src/methods.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A journal on a store that counts its writes and can be broken. */
class JournalRig {
  readonly clock = new FakeClock(0);
  readonly complaints: string[] = [];
  writes = 0;
  broken = false;
  readonly journal: Journal;
  private nextId = 1;

  constructor(private readonly store: Store<RegistrarTables>) {
    const watched: Store<RegistrarTables> = {
      dialect: store.dialect,
      read: store.read,
      as: () => store.as(),
      write: (work, options) => {
        this.writes++;
        return this.broken ? Promise.reject(new Error('disk full')) : store.write(work, options);
      },
    };
    const log = { error: (_fields: object, text: string) => this.complaints.push(text) } as unknown as Log;
    this.journal = new Journal(watched, this.clock, log);
  }

  static async open(): Promise<JournalRig> {
    const store = await testStore<RegistrarTables>(migrations);
    closing.push(() => store.close());
    return new JournalRig(store);
  }

  /** A binding that has just registered for an hour. */
  binding(): BindingRecord {
    const id = this.nextId++;
    const now = this.clock.now();
    const reach = { transport: 'UDP', flow: undefined, host: '192.0.2.1', port: 5060, local: '', pinned: false } as const;
    const fields = {
      contact: `sip:${id}@192.0.2.1`,
      q: 1000,
      expiresAt: now + 3_600_000,
      callId: 'a',
      cseq: 1,
      instance: '',
      regId: 0,
      epid: '',
    };
    return new BindingRecord(
      id,
      `${id}@example.com`,
      { ...reach, ...fields, methods: ALL_METHODS, path: [], userAgent: '', subscriber: undefined },
      now,
    );
  }

  refresh(record: BindingRecord): void {
    record.refreshedAt = this.clock.now();
    record.expiresAt = this.clock.now() + 3_600_000;
    this.journal.refreshed(record);
  }

  remove(record: BindingRecord): void {
    record.expiresAt = 0;
    this.journal.removed(record);
  }

  async stored(): Promise<[number, number][]> {
    const rows = await this.store.read.selectFrom('registrar_bindings').select(['id', 'expires_at']).orderBy('id').execute();
    return rows.map((row) => [row.id, row.expires_at]);
  }
}

test('changes are written together, a second after the first of them', async () => {
  const rig = await JournalRig.open();
  for (let i = 0; i < 3; i++) rig.journal.changed(rig.binding());
  rig.clock.advance(990);
  expect(rig.writes).toBe(0);
  rig.clock.advance(20);
  expect(rig.writes).toBe(1);
  await rig.journal.flush();
  expect(await rig.stored()).toHaveLength(3);
  expect([rig.writes, rig.clock.timers.size]).toEqual([1, 0]);
});

test('500 changes do not wait for the second', async () => {
  const rig = await JournalRig.open();
  for (let i = 0; i < 1200; i++) rig.journal.changed(rig.binding());
  expect(rig.writes).toBe(1);
  await rig.journal.flush();
  expect([rig.writes, (await rig.stored()).length]).toEqual([3, 1200]);
});

test('refreshes are written once in a quarter of the lifetime', async () => {
  const rig = await JournalRig.open();
  const record = rig.binding();
  rig.journal.changed(record);
  await rig.journal.flush();
  for (let minutes = 0; minutes < 60; minutes += 5) {
    rig.clock.advance(300_000);
    rig.refresh(record);
    await rig.journal.flush();
  }
  expect(rig.writes).toBe(1 + 4);
});

test('a binding that comes and goes within the second is never written', async () => {
  const rig = await JournalRig.open();
  const record = rig.binding();
  rig.journal.changed(record);
  rig.remove(record);
  await rig.journal.flush();
  expect([rig.writes, rig.journal.waiting]).toEqual([0, 0]);
});

test('a binding that ends while it is being written is gone afterwards', async () => {
  const rig = await JournalRig.open();
  const record = rig.binding();
  rig.journal.changed(record);
  rig.clock.advance(1000);
  rig.remove(record);
  await rig.journal.flush();
  expect([rig.writes, await rig.stored()]).toEqual([2, []]);
});

test('nothing is left to do after the last write, also when more came while the one before was under way', async () => {
  const rig = await JournalRig.open();
  rig.journal.changed(rig.binding());
  rig.clock.advance(1000);
  rig.journal.changed(rig.binding());
  await rig.journal.flush();
  expect([rig.writes, rig.journal.waiting, rig.clock.timers.size]).toEqual([2, 0, 0]);
});

test('a store that fails is complained of once and tried again, and nothing that ended comes back', async () => {
  const rig = await JournalRig.open();
  const [stays, ends] = [rig.binding(), rig.binding()];
  rig.journal.changed(stays);
  rig.journal.changed(ends);
  rig.broken = true;
  rig.clock.advance(1000);
  rig.remove(ends);
  await rig.journal.flush();
  rig.clock.advance(1000);
  await rig.journal.flush();
  expect(rig.complaints).toHaveLength(1);
  expect(rig.journal.failure).toBeInstanceOf(Error);
  rig.broken = false;
  await rig.journal.flush();
  expect(rig.journal.failure).toBeUndefined();
  expect((await rig.stored()).map(([id]) => id)).toEqual([stays.id]);
});
