import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { readText } from '../src/input.ts';

const READER = [join(import.meta.dirname, '../../tools/run-source.mjs'), join(import.meta.dirname, 'read-input.ts')];

test('standard input is read to its end, however slow its writer is, and where another program has left the pipe non-blocking', async () => {
  // As npx does: a first program reads from the pipe, and the second one has what comes afterwards.
  const script = `"$0" -e 'process.stdin.resume(); setImmediate(() => process.exit())'; exec "$0" "$@"`;
  const child = spawn('sh', ['-c', script, process.execPath, ...READER]);
  const [said, ended] = [text(child.stdout), once(child, 'close')];
  await once(child.stderr, 'data');
  child.stderr.resume();
  child.stdin.write('uri,password\n');
  child.stdin.end('alice@example.com,Zażółć\n');
  expect(await ended).toEqual([0, null]);
  expect(await said).toBe('uri,password\nalice@example.com,Zażółć\n');
});

test('a file is read as text; what cannot be read is named with the reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-input-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'people.csv'), 'uri\n');
  expect(await readText(join(folder, 'people.csv'))).toBe('uri\n');
  await expect(readText(join(folder, 'none.csv'))).rejects.toMatchObject({
    code: 'CLI_UNREADABLE',
    message: expect.stringContaining(`${join(folder, 'none.csv')} cannot be read: `) as string,
  });
});
