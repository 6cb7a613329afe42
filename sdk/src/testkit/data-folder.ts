/** The data folder of a test's server. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of its own for one test. */
export class DataFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'parley-test-'));

  /** Path of a file in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes files for their owner alone, as the server does. */
  write(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(this.file(name)), { recursive: true, mode: 0o700 });
      writeFileSync(this.file(name), content, { mode: 0o600 });
    }
  }

  discard(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
