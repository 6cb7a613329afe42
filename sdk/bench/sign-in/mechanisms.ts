/** The client's side of each mechanism, from what the project's own tests use. */
import { createHmac } from 'node:crypto';
import { datagramKeys } from '../../src/ntlm/datagram-signatures.ts';
import type { KerberosKey } from '../../src/kerberos/kerberos-key.ts';
import type { Keytab } from '../../src/kerberos/keytab.ts';
import { Initiator } from '../../test/kerberos/initiator.ts';
import { HOUR, randomKey, service, tokenOf, user } from '../../test/kerberos/issuer.ts';
import { NtlmClient } from '../../test/ntlm/client.ts';
import { DskClient } from '../../../plugins/auth-tls-dsk/test/dsk-client.ts';
import { DOMAIN, KERBEROS_REALM, PASSWORD } from './plan.ts';
import type { SignInScheme } from './plan.ts';

/** Keys of an association, as the client has them. */
export interface ClientKeys {
  sign(buffer: string): string;
  verify(buffer: string, signature: string): boolean;
}

/** One handshake of a client. */
export interface ClientHandshake {
  readonly scheme: string;
  readonly targetName: string;
  /** The first token. */
  begin(): Buffer | Promise<Buffer>;
  /** The next token; undefined when the server's was the last. */
  next(token: Buffer): Buffer | undefined | Promise<Buffer | undefined>;
  /** There from the moment at which messages are signed. */
  readonly keys: ClientKeys | undefined;
}

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

class Ntlm implements ClientHandshake {
  readonly scheme = 'NTLM';
  keys: ClientKeys | undefined;
  constructor(
    private readonly name: string,
    readonly targetName: string,
  ) {}

  begin(): Buffer {
    return Buffer.alloc(0);
  }

  next(token: Buffer): Buffer {
    const client = new NtlmClient({ user: `${this.name}@${DOMAIN}`, domain: '', password: PASSWORD });
    const answer = client.authenticate(token);
    this.keys = datagramKeys(client.sessionKey, client.flags, 'client');
    return answer;
  }
}

class TlsDsk implements ClientHandshake {
  readonly scheme = 'TLS-DSK';
  readonly targetName: string;
  keys: ClientKeys | undefined;
  private readonly tls: DskClient;
  private flights = 0;

  constructor({ key, certificate, targetName }: ClientSecrets) {
    this.targetName = targetName;
    this.tls = new DskClient({ key, cert: certificate });
  }

  begin(): Promise<Buffer> {
    return this.tls.hello();
  }

  async next(token: Buffer): Promise<Buffer | undefined> {
    if (this.flights++ === 0) return this.tls.finish(token);
    const material = await this.tls.material(token);
    const [own, servers] = [material.subarray(64, 96), material.subarray(96)];
    this.keys = {
      sign: (buffer) => createHmac('sha1', own).update(buffer, 'latin1').digest('hex'),
      verify: (buffer, signature) => createHmac('sha1', servers).update(buffer, 'latin1').digest('hex') === signature,
    };
    return undefined;
  }
}

/** KDC and client in one: a ticket of its own for each sign-in, made with the key that the server has in its keytab. */
class Kerberos implements ClientHandshake {
  readonly scheme = 'Kerberos';
  readonly targetName: string;
  keys: ClientKeys | undefined;
  private readonly name: string;
  private readonly keytab: Keytab;

  constructor({ name, targetName, keytab }: ClientSecrets) {
    this.name = name;
    this.targetName = targetName;
    this.keytab = keytab as Keytab;
  }

  begin(): Buffer {
    const now = Date.now();
    const token = tokenOf(this.keytab.entries[0]?.key as KerberosKey, {
      service: service(this.targetName, KERBEROS_REALM),
      client: user(this.name, KERBEROS_REALM),
      subkey: randomKey(),
      startsAt: now - HOUR,
      endsAt: now + HOUR,
      time: now,
    });
    const initiator = new Initiator(token, this.keytab);
    let [sent, received] = [0, -1];
    this.keys = {
      sign: (buffer) => initiator.sign(buffer, sent++),
      verify: (buffer, signature) => {
        // Notifications between the answers have numbers, too; they are not looked at here.
        const nth = initiator.nthOf(signature);
        const isNew = nth > received;
        received = nth;
        return isNew && initiator.verifies(buffer, signature, nth);
      },
    };
    return token;
  }

  next(): undefined {
    return undefined;
  }
}

/** A new handshake of a user. */
export function handshakeOf(scheme: SignInScheme, secrets: ClientSecrets): ClientHandshake {
  if (scheme === 'ntlm') return new Ntlm(secrets.name, secrets.targetName);
  return scheme === 'tls-dsk' ? new TlsDsk(secrets) : new Kerberos(secrets);
}
