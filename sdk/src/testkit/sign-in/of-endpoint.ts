/** Puts together what an endpoint signs in with. */
import { milliseconds } from '../duration.ts';
import { TestkitErrors } from '../errors.ts';
import { ClientAssociation } from './association.ts';
import { DigestClient } from './digest-client.ts';
import { KerberosHandshake, NtlmHandshake, TlsDskHandshake } from './handshakes.ts';
import type { TestKdc } from './kdc.ts';
import type { SignIn, SignInMechanism, SignInOptions } from './sign-in.ts';
import type { ClientCertificatePair } from './tls-dsk-client.ts';

/** Who signs in, and what the server's side of the test has for it. */
export interface SignInPlace {
  /** What the endpoint is called. */
  readonly who: string;
  /** The user's name, without a domain. */
  readonly name: string;
  readonly aor: string;
  readonly password: string | undefined;
  readonly kdc: TestKdc;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Gets a certificate for the user. */
  readonly enrol: (device: string) => Promise<ClientCertificatePair>;
}

/** Undefined for an endpoint that has nothing to sign in with. Throws TESTKIT_NO_PASSWORD. */
export function signInOf(how: SignInMechanism | SignInOptions | undefined, place: SignInPlace): SignIn | undefined {
  const { name, password, who } = place;
  if (how === undefined) return password === undefined ? undefined : new DigestClient(name, password);
  const options = typeof how === 'string' ? { by: how } : how;
  const secret = (): string => {
    if (password === undefined) throw TestkitErrors.TESTKIT_NO_PASSWORD({ who, mechanism: options.by });
    return password;
  };
  if (options.by === 'digest') return new DigestClient(options.login ?? name, secret());
  if (options.by === 'ntlm') return byNtlm(options, place, secret());
  return options.by === 'kerberos' ? byKerberos(options, place) : byTlsDsk(options, place);
}

function byNtlm({ login, clockBehind = 0 }: SignInOptions, { aor, now }: SignInPlace, password: string): SignIn {
  const [domain, user] = login?.includes('\\') === true ? (login.split('\\') as [string, string]) : ['', login ?? aor];
  return new ClientAssociation('NTLM', () => new NtlmHandshake({ user, domain, password, now: now() - milliseconds(clockBehind) }));
}

function byKerberos({ login, clockBehind = 0, ticket }: SignInOptions, { name, kdc, now }: SignInPlace): SignIn {
  const begin = (): KerberosHandshake =>
    new KerberosHandshake(kdc.token(login ?? name, now() - milliseconds(clockBehind), ticket), kdc.keytab);
  return new ClientAssociation('Kerberos', begin);
}

function byTlsDsk({ device, certificate, tls }: SignInOptions, { who, enrol }: SignInPlace): SignIn {
  let own = certificate;
  const begin = async (): Promise<TlsDskHandshake> => new TlsDskHandshake({ ...tls, ...(own ??= await enrol(device ?? who)) });
  return new ClientAssociation('TLS-DSK', begin);
}
