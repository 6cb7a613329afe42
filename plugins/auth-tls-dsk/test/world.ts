/** The mechanism of a server, by itself: token by token, with the server's own users and certificates. */
import directory from '@parley/plugin-directory';
import { Directory } from '@parley/plugin-directory/api';
import pki from '@parley/plugin-pki';
import { ClientCertificates, Pki } from '@parley/plugin-pki/api';
import type { TlsMaterial } from '@parley/plugin-pki/api';
import type { Flow, Handshake, HandshakeStep } from '@parley/sdk';
import { DskClient, testFlow, testLog, testServer } from '@parley/sdk/testkit';
import type { DskClientTraits, TestServer } from '@parley/sdk/testkit';
import { DskConfig } from '../src/config.ts';
import { TlsDsk } from '../src/mechanism.ts';

/** A server that knows alice and bob, and issues certificates for eight hours. */
export function serving(domain = 'example.com'): Promise<TestServer> {
  return testServer({ plugins: [directory(), pki({ clientCertificateHours: 8 })], users: ['alice', 'bob'], domain });
}

/** One mechanism. */
export class World {
  readonly log = testLog();
  readonly mechanism: TlsDsk;
  private readonly flow: Flow = testFlow({ transport: 'TLS' });
  private tls: TlsMaterial;
  private changed: () => void = () => undefined;

  constructor(server: TestServer, config: unknown = {}, users: Pick<Directory, 'findById'> = server.find(Directory)) {
    this.tls = server.find(Pki).tls();
    const onChange = (listener: () => void): (() => void) => {
      this.changed = listener;
      return () => undefined;
    };
    this.mechanism = new TlsDsk({
      clock: server.clock,
      certificates: server.find(ClientCertificates),
      users,
      pki: { tls: () => this.tls, onChange },
      log: this.log,
      targetName: 'uc.example.com',
      stsUri: 'https://uc.example.com/CertProv/CertProvisioningService.svc',
      config: DskConfig.parse(config),
    });
  }

  /** The server's certificate is another from now on. */
  replaceCertificate(tls: TlsMaterial): void {
    this.tls = tls;
    this.changed();
  }

  begin(claimedAor = 'alice@example.com'): Handshake {
    return this.mechanism.begin({ flow: this.flow, claimedAor });
  }

  /** A whole handshake: what the server's last step says, and the client's keys when it succeeded. */
  async signIn(traits: DskClientTraits, claimedAor?: string): Promise<{ step: HandshakeStep; material?: Buffer }> {
    const client = new DskClient(traits);
    const handshake = this.begin(claimedAor);
    const first = await handshake.step(await client.hello());
    if (first.kind !== 'continue') return { step: first };
    const step = await handshake.step(await client.finish(first.token));
    if (step.kind === 'done') return { step, material: await client.material(step.token as Buffer) };
    client.close();
    return { step };
  }
}
