/** The client's side of each mechanism: tokens in, tokens out, keys at the end. */
import { createHmac } from 'node:crypto';
import type { AssociationScheme, SessionKeys } from '../../association/index.ts';
import type { Keytab } from '../../kerberos/keytab.ts';
import { datagramKeys } from '../../ntlm/datagram-signatures.ts';
import { KerberosInitiator } from './kerberos-initiator.ts';
import { NtlmClient } from './ntlm-client.ts';
import type { NtlmClientOptions } from './ntlm-client.ts';
import { DskClient } from './tls-dsk-client.ts';
import type { DskClientTraits } from './tls-dsk-client.ts';

const CLIENT_KEY_AT = 64;
const SERVER_KEY_AT = 96;

/** One handshake of a client. */
export interface ClientHandshake {
  readonly scheme: AssociationScheme;
  /** The first token. */
  begin(): Buffer | Promise<Buffer>;
  /** The next token; undefined when the server's was the last. */
  next(token: Buffer): Buffer | undefined | Promise<Buffer | undefined>;
  /** There from the moment at which messages are signed. */
  readonly keys: SessionKeys | undefined;
}

/** A password. [MS-SIPAE] section 3.2.5.1 */
export class NtlmHandshake implements ClientHandshake {
  readonly scheme = 'NTLM';
  keys: SessionKeys | undefined;

  constructor(private readonly options: NtlmClientOptions) {}

  begin(): Buffer {
    return Buffer.alloc(0);
  }

  next(token: Buffer): Buffer {
    const client = new NtlmClient(this.options);
    const answer = client.authenticate(token);
    this.keys = datagramKeys(client.sessionKey, client.flags, 'client');
    return answer;
  }
}

/** A certificate that the server has issued. */
export class TlsDskHandshake implements ClientHandshake {
  readonly scheme = 'TLS-DSK';
  keys: SessionKeys | undefined;
  private readonly tls: DskClient;
  private flights = 0;

  constructor(traits: DskClientTraits) {
    this.tls = new DskClient(traits);
  }

  begin(): Promise<Buffer> {
    return this.tls.hello();
  }

  async next(token: Buffer): Promise<Buffer | undefined> {
    if (this.flights++ === 0) return this.tls.finish(token);
    const material = await this.tls.material(token);
    const mac = (from: number, to: number, buffer: string): string =>
      createHmac('sha1', material.subarray(from, to)).update(buffer, 'latin1').digest('hex');
    this.keys = {
      sign: (buffer) => mac(CLIENT_KEY_AT, SERVER_KEY_AT, buffer),
      verify: (buffer, signature) => mac(SERVER_KEY_AT, material.length, buffer) === signature.toLowerCase(),
    };
    return undefined;
  }
}

/** A ticket, and the keytab that opens it: the session key is in there. */
export class KerberosHandshake implements ClientHandshake {
  readonly scheme = 'Kerberos';
  keys: SessionKeys | undefined;

  constructor(
    private readonly token: Buffer,
    private readonly keytab: Keytab,
  ) {}

  begin(): Buffer {
    const initiator = new KerberosInitiator(this.token, this.keytab);
    let [sent, received] = [0, -1];
    this.keys = {
      sign: (buffer) => initiator.sign(buffer, sent++),
      verify: (buffer, signature) => {
        const nth = initiator.nthOf(signature);
        const isNew = nth > received;
        received = nth;
        return isNew && initiator.verifies(buffer, signature, nth);
      },
    };
    return this.token;
  }

  next(): undefined {
    return undefined;
  }
}
