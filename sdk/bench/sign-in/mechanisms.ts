/** What the clients of the benchmark sign in with; the mechanisms are the testkit's. */
import type { KerberosKey } from '../../src/kerberos/kerberos-key.ts';
import type { Keytab } from '../../src/kerberos/keytab.ts';
import { KerberosHandshake, NtlmHandshake, TlsDskHandshake } from '../../src/testkit/sign-in/handshakes.ts';
import type { ClientHandshake } from '../../src/testkit/sign-in/handshakes.ts';
import { kerberosService, kerberosToken, kerberosUser, randomKerberosKey } from '../../src/testkit/sign-in/kerberos-issuer.ts';
import { DOMAIN, KERBEROS_REALM, PASSWORD } from './plan.ts';
import type { SignInScheme } from './plan.ts';

const HOUR = 3_600_000;

/** What a user signs in with. */
export interface ClientSecrets {
  /** `user7`. */
  readonly name: string;
  readonly targetName: string;
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
  /** For Kerberos. */
  readonly keytab: Keytab | undefined;
}

/** A new handshake of a user. */
export function handshakeOf(scheme: SignInScheme, secrets: ClientSecrets): ClientHandshake {
  const { name, key, certificate } = secrets;
  if (scheme === 'ntlm') return new NtlmHandshake({ user: `${name}@${DOMAIN}`, domain: '', password: PASSWORD });
  return scheme === 'tls-dsk' ? new TlsDskHandshake({ key, cert: certificate }) : byKerberos(secrets);
}

/** KDC and client in one: a ticket of its own for each sign-in, made with the key that the server has in its keytab. */
function byKerberos({ name, targetName, keytab }: ClientSecrets): ClientHandshake {
  const now = Date.now();
  const token = kerberosToken(keytab?.entries[0]?.key as KerberosKey, {
    service: kerberosService(targetName, KERBEROS_REALM),
    client: kerberosUser(name, KERBEROS_REALM),
    subkey: randomKerberosKey(),
    startsAt: now - HOUR,
    endsAt: now + HOUR,
    time: now,
  });
  return new KerberosHandshake(token, keytab as Keytab);
}
