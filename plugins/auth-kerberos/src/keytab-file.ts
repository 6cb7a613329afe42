/** The keytab on the disk: checked before it is used, read again when somebody replaces it. */
import { readFileSync, statSync } from 'node:fs';
import { Keytab, enctypeName, parseService, principalText, sameService } from '@parley/sdk';
import type { HealthResult, KeytabEntry, Log } from '@parley/sdk';
import { AuthKerberosErrors } from './errors.ts';

/** What a keytab must offer. */
export interface KeytabWish {
  /** Absolute path. */
  readonly file: string;
  /** `sip/uc.example.com`: in whatever realm, one key of an allowed type. */
  readonly spn: string;
  /** Numbers of the allowed encryption types. */
  readonly enctypes: ReadonlySet<number>;
}

const OTHERS_CAN_READ = 0o007;

/** Serves the last keytab that was good. */
export class KeytabFile {
  private current = new Keytab([]);
  private stamp = '';
  private fault: string | undefined = undefined;

  constructor(
    private readonly wish: KeytabWish,
    private readonly log: Pick<Log, 'info' | 'error'>,
  ) {}

  /** Reads it for the first time. Throws AUTH_KERBEROS_KEYTAB_UNREADABLE, AUTH_KERBEROS_SPN_MISSING or KERBEROS_KEYTAB_*. */
  open(): void {
    this.stamp = this.presentStamp();
    this.current = this.load();
  }

  /** Empty before `open`. */
  get keytab(): Keytab {
    return this.current;
  }

  /** Reads the file if it was touched; a keytab that is no good is refused, and the old one stays. Never throws. */
  refresh(): void {
    const stamp = this.presentStamp();
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    try {
      this.current = this.load();
      this.fault = undefined;
      this.log.info({ keytab: this.wish.file, keys: this.describe() }, 'keytab replaced');
    } catch (error) {
      this.fault = (error as Error).message;
      this.log.error({ err: error, keytab: this.wish.file }, 'the new keytab cannot be used; the old one stays');
    }
  }

  /** For the server's health check: what is in the keytab, or what is wrong with it. */
  health(): HealthResult {
    const { file } = this.wish;
    if (this.fault !== undefined) return { state: 'warn', detail: this.fault, fix: `The keys read before are still used: mend ${file}.` };
    if (isReadableByAll(file)) {
      return {
        state: 'warn',
        detail: `${file} can be read by every user of this machine`,
        fix: `Run chmod 0600 ${file}: whoever has it can sign in as anybody.`,
      };
    }
    return { state: 'ok', detail: this.describe() };
  }

  /** `sip/uc.example.com@EXAMPLE.COM: version 2 aes256-cts-hmac-sha1-96, ...` of every service. */
  private describe(): string {
    const services = new Map<string, string[]>();
    for (const entry of this.current.entries) {
      const name = principalText(entry.principal);
      services.set(name, [...(services.get(name) ?? []), keyText(entry)]);
    }
    return [...services].map(([name, keys]) => `${name}: ${keys.join(', ')}`).join('; ');
  }

  private load(): Keytab {
    const { file, spn, enctypes } = this.wish;
    const keytab = Keytab.parse(read(file), file);
    const { components } = parseService(spn);
    const own = keytab.entries.filter(({ principal }) => sameService(principal.components, components));
    if (own.some(({ key }) => key !== undefined && enctypes.has(key.enctype.number))) return keytab;
    const others = [...new Set(keytab.entries.map(({ principal }) => principalText(principal)))];
    const found = own.length > 0 ? own.map(keyText).join(', ') : others.slice(0, 10).join(', ') || 'no keys';
    throw AuthKerberosErrors.AUTH_KERBEROS_SPN_MISSING({ file, spn, found }, { place: file });
  }

  private presentStamp(): string {
    const stat = statSync(this.wish.file, { throwIfNoEntry: false });
    return stat === undefined ? '-' : `${stat.ino}.${stat.size}.${stat.mtimeMs}`;
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw AuthKerberosErrors.AUTH_KERBEROS_KEYTAB_UNREADABLE({ file, found: (error as Error).message }, { cause: error, place: file });
  }
}

function keyText({ version, enctype }: KeytabEntry): string {
  return `version ${version} ${enctypeName(enctype)}`;
}

function isReadableByAll(file: string): boolean {
  if (process.platform === 'win32') return false;
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && (stat.mode & OTHERS_CAN_READ) !== 0;
}
