/** A client on a TCP connection that signs in by TLS-DSK as pidgin-sipe does, and builds signatures without the code under test. */
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { DskClient } from '@parley/sdk/testkit';
import type { DskClientTraits } from '@parley/sdk/testkit';

const REALM = 'SIP Communications Service';

/** A message as lines; the body is left out. */
export interface Answer {
  readonly status: number;
  /** Values of a header, lower-case name. */
  all(name: string): string[];
  /** A parameter of the one header that begins with the scheme, without quotes. */
  parameter(header: string, name: string): string;
}

export class SipClient {
  readonly callId = `call-${Math.random().toString(16).slice(2)}`;
  private received = '';
  private waiting: ((answer: Answer) => void) | undefined;
  private cseq = 0;
  private cnum = 0;
  private opaque = '';
  private material: Buffer = Buffer.alloc(0);

  private constructor(
    private readonly socket: Socket,
    readonly aor: string,
  ) {
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.look();
    });
  }

  static async connect(port: number, aor = 'alice@example.com'): Promise<SipClient> {
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new SipClient(socket, aor);
  }

  get closed(): boolean {
    return this.socket.closed;
  }

  close(): void {
    this.socket.destroy();
  }

  /** REGISTER with this Authorization, or none. */
  register(authorization?: string, expires?: number): Promise<Answer> {
    return this.send('REGISTER', `sip:example.com`, authorization, expires);
  }

  /** A signed REGISTER, or with another request's fields in its signature. */
  registerSigned({
    sign = this.aor,
    cnum = ++this.cnum,
    expires,
  }: { sign?: string; cnum?: number; expires?: number } = {}): Promise<Answer> {
    const buffer = `<TLS-DSK><1a2b3c4d><${cnum}><${REALM}><uc.example.com><${this.callId}><${this.cseq + 1}><REGISTER><sip:${sign}><t1><sip:${sign}><><><><${expires ?? ''}>`;
    const response = createHmac('sha1', this.material.subarray(64, 96)).update(buffer).digest('hex');
    return this.register(`${this.credentials()}, crand="1a2b3c4d", cnum="${cnum}", response="${response}"`, expires);
  }

  /** Whether an answer carries a signature of the server that verifies. */
  isSigned(answer: Answer, toTag: string, expires: string): boolean {
    const [srand, snum, rspauth] = ['srand', 'snum', 'rspauth'].map((name) => answer.parameter('authentication-info', name));
    const buffer = `<TLS-DSK><${srand}><${snum}><${REALM}><uc.example.com><${this.callId}><${this.cseq}><REGISTER><sip:${this.aor}><t1><sip:${this.aor}><${toTag}><><><${expires}><${answer.status}>`;
    return rspauth === createHmac('sha1', this.material.subarray(96)).update(buffer).digest('hex');
  }

  /** The handshake up to the last 401 before the signed REGISTER; gives that, or the answer that ended it early. */
  async handshake(traits: DskClientTraits): Promise<Answer> {
    const client = new DskClient(traits);
    this.opaque = '';
    const first = await this.token(await client.hello());
    const flight = first.parameter('www-authenticate', 'gssapi-data');
    this.opaque = first.parameter('www-authenticate', 'opaque');
    if (flight === '') return first;
    const last = await this.token(await client.finish(Buffer.from(flight, 'base64')));
    const finished = last.parameter('www-authenticate', 'gssapi-data');
    if (finished !== '') {
      this.material = await client.material(Buffer.from(finished, 'base64'));
      this.cnum = 0;
    }
    client.close();
    return last;
  }

  /** REGISTER with gssapi-data. */
  token(token: Buffer): Promise<Answer> {
    return this.register(`${this.credentials()}, gssapi-data="${token.toString('base64')}", version=4`);
  }

  private credentials(): string {
    const opaque = this.opaque === '' ? '' : ` opaque="${this.opaque}",`;
    return `TLS-DSK qop="auth",${opaque} realm="${REALM}", targetname="uc.example.com"`;
  }

  private send(method: string, uri: string, authorization?: string, expires?: number): Promise<Answer> {
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/tcp 127.0.0.1:49152;branch=z9hG4bK${++this.cseq}${this.callId}`,
      'Max-Forwards: 70',
      `From: <sip:${this.aor}>;tag=t1;epid=b34afb6ebb23`,
      `To: <sip:${this.aor}>`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${this.cseq} ${method}`,
      `Contact: <sip:127.0.0.1:49152;transport=tcp;ms-opaque=d3470f2e1d>;proxy=replace`,
      ...(expires === undefined ? [] : [`Expires: ${expires}`]),
      ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
      'Content-Length: 0',
    ];
    return new Promise((resolve) => {
      this.waiting = resolve;
      this.socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    });
  }

  private look(): void {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.received.slice(0, end);
    const length = Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return;
    this.received = this.received.slice(end + 4 + length);
    if (head.startsWith('SIP/2.0 1')) return this.look();
    this.waiting?.(readAnswer(head));
  }
}

function readAnswer(head: string): Answer {
  const [first = '', ...lines] = head.split('\r\n');
  const all = (name: string): string[] =>
    lines.filter((line) => line.toLowerCase().startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim());
  return {
    status: Number(first.split(' ')[1]),
    all,
    parameter(header, name) {
      const value = all(header).find((one) => one.startsWith('TLS-DSK')) ?? '';
      return new RegExp(`[ ,]${name}="([^"]*)"`).exec(value)?.[1] ?? '';
    },
  };
}
