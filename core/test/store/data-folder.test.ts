import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDataFolder } from '../../src/store/index.ts';

test('a folder is made with those above it, for its owner alone', () => {
  const above = mkdtempSync(join(tmpdir(), 'parley-folder-'));
  const path = join(above, 'var', 'parley');
  const folder = openDataFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(folder.openToOthers).toBe(false);
  folder.release();
  rmSync(above, { recursive: true });
});

test.skipIf(!existsSync('/proc/self'))('where no folder can be made that is said at once', () => {
  expect(() => openDataFolder('/proc/parley/data')).toThrow(expect.objectContaining({ code: 'STORE_FOLDER_UNUSABLE' }) as Error);
});
