/** How registrations are written behind memory. */
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '@parley/sdk';
import { testLog, testStore } from '@parley/sdk/testkit';
import type { TestStore } from '@parley/sdk/testkit';
import { migrations } from '../src/binding-row.ts';
import type { RegistrarTables } from '../src/binding-row.ts';
import { BindingRecord } from '../src/binding.ts';
import { Journal } from '../src/journal.ts';
import { ALL_METHODS } from '../src/methods.ts';

/** A journal on an empty store. */
class JournalRig {
  readonly clock = new FakeClock(0);
  readonly journal: Journal;
  private readonly before: number;
  private nextId = 1;

  constructor(private readonly store: TestStore<RegistrarTables>) {
    this.journal = new Journal(store, this.clock, testLog());
    this.before = store.stats().writes;
  }

  static async open(): Promise<JournalRig> {
    const store = await testStore<RegistrarTables>(migrations);
    onTestFinished(() => store.close());
    return new JournalRig(store);
  }

  /** Transactions so far. */
  get writes(): number {
    return this.store.stats().writes - this.before;
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
  expect(rig.journal.waiting).toBe(3);
  rig.clock.advance(20);
  expect(rig.journal.waiting).toBe(0);
  await rig.journal.flush();
  expect(await rig.stored()).toHaveLength(3);
  expect([rig.writes, rig.clock.timers.size]).toEqual([1, 0]);
});

test('500 changes do not wait for the second', async () => {
  const rig = await JournalRig.open();
  for (let i = 0; i < 1200; i++) rig.journal.changed(rig.binding());
  expect(rig.journal.waiting).toBe(700);
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
