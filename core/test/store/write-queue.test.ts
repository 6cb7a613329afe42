import { sql } from 'kysely';
import { Kysely, SqliteDialect } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { openSqlite } from '../../src/store/sqlite-database.ts';
import { WriteQueue } from '../../src/store/write-queue.ts';

/** A queue in memory whose disk answers when it is told to. */
function queueWithDisk() {
  const database = openSqlite({ file: ':memory:', schema: { value: 0 }, pragmas: [] });
  onTestFinished(() => database.close());
  const disk: { done: () => void; fail: (error: Error) => void }[] = [];
  const queue = new WriteQueue({
    db: new Kysely<unknown>({ dialect: new SqliteDialect({ database }) }),
    clock: new FakeClock(0),
    writeMs: 1000,
    sync: () => new Promise((done, fail) => void disk.push({ done, fail })),
  });
  const log: string[] = [];
  const write = (name: string, durable = true): void => {
    const written = queue.push((trx) => sql`select 1`.execute(trx), durable);
    written.then(
      () => log.push(name),
      (error: Error) => log.push(`${name}: ${error.message}`),
    );
  };
  return { queue, disk, log, write };
}

/** Long enough for everything that waits for nothing but turns of the event loop. */
async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

test('a durable write is done when the disk says so; what comes meanwhile is committed already, and waits for the next word', async () => {
  const { queue, disk, log, write } = queueWithDisk();
  write('a');
  await turns();
  write('b');
  write('c');
  await turns();
  expect(log).toEqual([]);
  expect(queue.stats()).toMatchObject({ commits: 2, waiting: 0, writes: 0 });
  expect(disk).toHaveLength(1);
  disk[0]?.done();
  await turns();
  expect(log).toEqual(['a']);
  disk[1]?.done();
  await turns();
  expect(log).toEqual(['a', 'b', 'c']);
});

test('what need not survive a power cut does not wait for the disk', async () => {
  const { disk, log, write } = queueWithDisk();
  write('a', false);
  await turns();
  expect(log).toEqual(['a']);
  expect(disk).toHaveLength(0);
});

test('when the disk fails the write was not kept, as far as anybody knows', async () => {
  const { disk, log, write } = queueWithDisk();
  write('a');
  await turns();
  disk[0]?.fail(new Error('EIO: i/o error'));
  await turns();
  expect(log).toEqual(['a: The database did not keep a change: EIO: i/o error.']);
});

test('a queue is closed when the disk has what was committed', async () => {
  const { queue, disk, log, write } = queueWithDisk();
  write('a');
  await turns();
  void queue.close().then(() => log.push('closed'));
  await turns();
  expect(log).toEqual([]);
  disk[0]?.done();
  await turns();
  expect(log).toEqual(['a', 'closed']);
});
