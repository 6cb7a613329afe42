import { expect, test } from 'vitest';
import { GroupSync } from '../../src/store/group-sync.ts';

/** A disk that answers when it is told to. */
function slowDisk(): { sync: () => Promise<void>; answers: { done: () => void; fail: (error: Error) => void }[] } {
  const answers: { done: () => void; fail: (error: Error) => void }[] = [];
  const sync = (): Promise<void> => new Promise((done, fail) => void answers.push({ done, fail }));
  return { sync, answers };
}

/** Every promise that could settle has. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who asks while the disk is waited for is served by the next wait, all together', async () => {
  const { sync, answers } = slowDisk();
  const group = new GroupSync(sync);
  const order: string[] = [];
  for (const name of ['first', 'second', 'third']) void group.reached().then(() => order.push(name));
  await settled();
  expect(answers).toHaveLength(1);
  answers[0]?.done();
  await settled();
  expect(order).toEqual(['first']);
  expect(answers).toHaveLength(2);
  answers[1]?.done();
  await settled();
  expect(order).toEqual(['first', 'second', 'third']);
  expect(answers).toHaveLength(2);
});

test('after the disk has failed nothing counts as kept', async () => {
  const { sync, answers } = slowDisk();
  const group = new GroupSync(sync);
  const first = group.reached();
  answers[0]?.fail(new Error('EIO'));
  await expect(first).rejects.toThrow('EIO');
  await expect(group.reached()).rejects.toThrow('EIO');
  expect(answers).toHaveLength(1);
});
