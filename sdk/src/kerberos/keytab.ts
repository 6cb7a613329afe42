/** Keytab files, version 0x0502: the keys of services, as kadmin, ktutil, ktpass and samba-tool write them. */
import { enctypeName, enctypeOf } from './enctypes.ts';
import { KerberosErrors } from './errors.ts';
import { KerberosKey } from './kerberos-key.ts';
import { principalText, sameService } from './principal.ts';
import type { Principal } from './principal.ts';

/** Most bytes and entries of a keytab: it holds the keys of one server. */
export const MAX_KEYTAB_BYTES = 1 << 20;
export const MAX_KEYTAB_ENTRIES = 4096;

const VERSION = 0x0502;

/** One key of one principal. */
export interface KeytabEntry {
  readonly principal: Principal;
  /** Key version number; 0 when whoever wrote the keytab did not know it: it fits every ticket. */
  readonly version: number;
  readonly enctype: number;
  /** Undefined for an encryption type that this server does not know. */
  readonly key: KerberosKey | undefined;
}

/** What a keytab says about a ticket. */
export type KeySearch =
  | { readonly kind: 'found'; readonly keys: readonly KerberosKey[] }
  /** The principal is there; these are the versions or encryption types that it has keys of. */
  | { readonly kind: 'version' | 'enctype'; readonly present: readonly string[] }
  | { readonly kind: 'principal' };

/** The keys of a keytab file. */
export class Keytab {
  constructor(readonly entries: readonly KeytabEntry[]) {}

  /**
   * Reads a keytab.
   * @param file its path, for errors
   * Throws KERBEROS_KEYTAB_MALFORMED or KERBEROS_KEYTAB_LIMIT; their place is `file:byte`.
   */
  static parse(bytes: Buffer, file: string): Keytab {
    if (bytes.length > MAX_KEYTAB_BYTES) {
      throw KerberosErrors.KERBEROS_KEYTAB_LIMIT({ file, found: `${bytes.length} bytes`, limit: MAX_KEYTAB_BYTES }, { place: file });
    }
    const reader = new KeytabReader(bytes, file);
    const version = reader.uint(2, bytes.length);
    if (version !== VERSION) throw reader.malformed(`version 0x${version.toString(16).padStart(4, '0')} instead of 0x0502`, 0);
    const entries: KeytabEntry[] = [];
    while (!reader.atEnd) {
      const entry = reader.entry();
      if (entry !== undefined) entries.push(entry);
      if (entries.length > MAX_KEYTAB_ENTRIES) {
        throw KerberosErrors.KERBEROS_KEYTAB_LIMIT({ file, found: 'more entries', limit: MAX_KEYTAB_ENTRIES }, { place: file });
      }
    }
    return new Keytab(entries);
  }

  /** The keys that a ticket may be encrypted with. @param version of the ticket, where it says so */
  find(service: Principal, enctype: number, version: number | undefined): KeySearch {
    const own = this.entries.filter(
      ({ principal }) => principal.realm === service.realm && sameService(principal.components, service.components),
    );
    if (own.length === 0) return { kind: 'principal' };
    const ofType = own.filter((entry) => entry.enctype === enctype);
    if (ofType.length === 0) return { kind: 'enctype', present: unique(own.map((entry) => enctypeName(entry.enctype))) };
    const keys = ofType.filter((entry) => fits(entry.version, version)).flatMap(({ key }) => key ?? []);
    if (keys.length === 0) return { kind: 'version', present: unique(ofType.map((entry) => String(entry.version))) };
    return { kind: 'found', keys };
  }

  /** Principals of one kind of service, such as `sip`; each once. */
  services(service: string): readonly Principal[] {
    const found = new Map<string, Principal>();
    for (const { principal } of this.entries) {
      if (principal.components.length > 1 && sameService(principal.components.slice(0, 1), [service]))
        found.set(principalText(principal), principal);
    }
    return [...found.values()];
  }
}

/** Versions are compared as far as both sides have them: old keytabs keep the lowest eight bits only. */
function fits(kept: number, asked: number | undefined): boolean {
  return asked === undefined || kept === 0 || kept === asked || (kept < 0x100 && kept === (asked & 0xff));
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** A cursor over the file. */
class KeytabReader {
  private at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly file: string,
  ) {}

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** Undefined for the hole that a deleted entry left. */
  entry(): KeytabEntry | undefined {
    const size = this.uint(4, this.bytes.length) | 0; // signed: a hole has a negative size
    const [start, end] = [this.at, this.at + Math.abs(size)];
    if (end > this.bytes.length)
      throw this.malformed(`an entry of ${Math.abs(size)} bytes, of which ${this.bytes.length - start} are there`, start);
    const entry = size > 0 ? this.key(end) : undefined;
    this.at = end;
    return entry;
  }

  uint(bytes: 1 | 2 | 4, end: number): number {
    return this.take(bytes, end).readUIntBE(0, bytes);
  }

  malformed(found: string, at = this.at): Error {
    return KerberosErrors.KERBEROS_KEYTAB_MALFORMED({ file: this.file, at, found }, { place: `${this.file}:${at}` });
  }

  private key(end: number): KeytabEntry {
    const count = this.uint(2, end);
    const realm = this.counted(end).toString('utf8');
    const components = Array.from({ length: count }, () => this.counted(end).toString('utf8'));
    const type = this.uint(4, end);
    this.take(4, end); // when it was written
    const low = this.uint(1, end);
    const number = this.uint(2, end);
    const keyAt = this.at;
    const bytes = this.counted(end);
    const enctype = enctypeOf(number);
    if (enctype !== undefined && bytes.length !== enctype.keyBytes) {
      throw this.malformed(`a key of ${bytes.length} bytes for ${enctype.name}, which has ${enctype.keyBytes}`, keyAt);
    }
    const full = end - this.at >= 4 ? this.uint(4, end) : 0;
    return {
      principal: { type, components, realm },
      version: full === 0 ? low : full,
      enctype: number,
      key: enctype === undefined ? undefined : new KerberosKey(enctype, Buffer.from(bytes)),
    };
  }

  private counted(end: number): Buffer {
    return this.take(this.uint(2, end), end);
  }

  private take(length: number, end: number): Buffer {
    if (this.at + length > end) throw this.malformed('the end in the middle of an entry');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}
