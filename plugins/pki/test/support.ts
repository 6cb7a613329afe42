/** A data folder, a clock, and certificates made once for all tests: keys cost time. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { FakeClock } from '@parley/sdk';
import type { Clock, TimerWheel } from '@parley/sdk';
import { PkiConfig } from '../src/config.ts';
import { CertificateKeeper } from '../src/keeper.ts';
import { issueServer, makeAuthority } from '../src/issue.ts';
import { RecordingLog } from './recording.ts';

export { RecordingLog } from './recording.ts';

// How long a key takes to find is a matter of luck.
vi.setConfig({ testTimeout: 30_000 });

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
export const NOW = Date.UTC(2030, 0, 15);

let shared: ReturnType<typeof makeAuthority> | undefined;
/** An authority for certificates that are "given". */
export const authority = (): ReturnType<typeof makeAuthority> => (shared ??= makeAuthority('the tests', NOW));
export const issue = (names: readonly string[], now = NOW): ReturnType<typeof issueServer> => issueServer(authority(), names, now);

/** A fake clock that also jumps: a wheel that ticks every 10 ms of a year takes its time. */
export class JumpingClock implements Clock {
  private readonly ticking = new FakeClock(NOW);
  private ahead = 0;
  readonly timers: TimerWheel = this.ticking.timers;

  now(): number {
    return this.ticking.now() + this.ahead;
  }

  advance(ms: number): void {
    this.ticking.advance(ms);
  }

  /** One hour, in which the hourly timers run. */
  hour(): void {
    this.advance(HOUR_MS);
  }

  /** Moves on at once; no timer runs. */
  jump(ms: number): void {
    this.ahead += ms;
  }
}

/** Everything around one keeper. */
export class World {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'parley-pki-'));
  readonly clock = new JumpingClock();
  readonly log = new RecordingLog();
  domains = ['example.com', 'example.org'];

  /** Puts an authority in place, so that none has to be made. */
  withAuthority(): this {
    mkdirSync(this.file('pki'), { mode: 0o700 });
    writeFileSync(this.file('pki/ca.pem'), authority().certificate);
    writeFileSync(this.file('pki/ca.key'), authority().key, { mode: 0o600 });
    return this;
  }

  keeper(config: unknown = {}): CertificateKeeper {
    const server = { fqdn: 'uc.example.com', domains: this.domains, dataDir: this.dataDir };
    return new CertificateKeeper(server, this.clock, this.log, PkiConfig.parse(config));
  }

  file(name: string): string {
    return join(this.dataDir, name);
  }

  close(): void {
    rmSync(this.dataDir, { recursive: true });
  }
}
