/** The Kerberos realm of a server for tests: one service key, and a ticket for whoever wants one. */
import type { Keytab } from '../../kerberos/keytab.ts';
import { kerberosService, kerberosToken, kerberosUser, randomKerberosKey, testKeytab, writeKeytab } from './kerberos-issuer.ts';
import type { KerberosTokenShape } from './kerberos-issuer.ts';

const HOUR = 3_600_000;

/** Plays the domain controller. */
export class TestKdc {
  /** Key of the services; those of a wrong or new one are made with another. */
  readonly key = randomKerberosKey();
  /** `EXAMPLE.COM`. */
  readonly realm: string;

  constructor(
    domain: string,
    /** Of the services `sip` and `HTTP`. */
    private readonly fqdn: string,
  ) {
    this.realm = domain.toUpperCase();
  }

  /** What opens the tickets. */
  get keytab(): Keytab {
    return testKeytab(...this.lines());
  }

  /** The bytes of a keytab file with the keys of both services. */
  get keytabFile(): Buffer {
    return writeKeytab(...this.lines());
  }

  /** A user's token for the SIP service, good for ten hours. @param now milliseconds since 1970 by the user's clock */
  token(name: string, now: number, shape: KerberosTokenShape = {}): Buffer {
    return kerberosToken(this.key, {
      service: kerberosService(`sip/${this.fqdn}`, this.realm),
      client: kerberosUser(name, this.realm),
      subkey: randomKerberosKey(),
      startsAt: now - HOUR,
      endsAt: now + 9 * HOUR,
      time: now,
      ...shape,
    });
  }

  private lines(): readonly { readonly principal: string; readonly key: TestKdc['key']; readonly realm: string }[] {
    return ['sip', 'HTTP'].map((name) => ({ principal: `${name}/${this.fqdn}`, key: this.key, realm: this.realm }));
  }
}
