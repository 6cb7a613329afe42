/** A user's client: signs in over its connection, as often as it is told to, and checks every signature of the server. */
import { randomBytes } from 'node:crypto';
import type { Answer, Connection } from './connection.ts';
import { instanceOfEpid } from '../../src/endpoint/index.ts';
import { handshakeOf } from './mechanisms.ts';
import type { ClientHandshake, ClientKeys, ClientSecrets } from './mechanisms.ts';
import type { SignInScheme } from './plan.ts';

const REALM = 'SIP Communications Service';
const PROVISIONING_TYPE = 'application/vnd-microsoft-roaming-provisioning-v2+xml';
const GROUPS =
  '<provisioningGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisioninggrouplist">' +
  ['ServerConfiguration', 'meetingPolicy', 'persistentChatConfiguration', 'ucPolicy']
    .map((g) => `<provisioningGroup name="${g}"/>`)
    .join('') +
  '</provisioningGroupList>';
const PROVISIONING_HEADERS = [
  'Event: vnd-microsoft-provisioning-v2',
  `Accept: ${PROVISIONING_TYPE}`,
  'Supported: com.microsoft.autoextend',
  'Supported: ms-benotify',
  'Proxy-Require: ms-benotify',
  'Supported: ms-piggyback-first-notify',
  'Expires: 0',
  `Content-Type: ${PROVISIONING_TYPE}`,
];

/** Fields of a request that the signature covers. */
interface Signed {
  readonly method: string;
  readonly callId: string;
  readonly cseq: number;
  readonly expires: string;
}

export class Endpoint {
  private opaque = '';
  private cnum = 0;
  private readonly epid = randomBytes(6).toString('hex');
  private readonly instance = instanceOfEpid(this.epid);

  constructor(
    readonly connection: Connection,
    private readonly aor: string,
    private readonly scheme: SignInScheme,
    private readonly secrets: ClientSecrets,
  ) {}

  /** From the first REGISTER to the answer to the last request. Rejects when the server refuses, or signs wrongly. */
  async signIn(provisioning: boolean): Promise<void> {
    const handshake = handshakeOf(this.scheme, this.secrets);
    const callId = randomBytes(8).toString('hex');
    let cseq = 1;
    this.opaque = '';
    this.cnum = 0;
    let answer = await this.register(callId, cseq);
    let token: Buffer | undefined = await handshake.begin();
    while (token !== undefined && answer.status === 401) {
      const signed = { method: 'REGISTER', callId, cseq: ++cseq, expires: '' };
      answer = await this.register(callId, cseq, this.credentials(handshake, signed, token));
      const theirs = parameter(answer, 'www-authenticate', 'gssapi-data');
      if (theirs === undefined) break;
      this.opaque = parameter(answer, 'www-authenticate', 'opaque') ?? '';
      token = await handshake.next(Buffer.from(theirs, 'base64'));
    }
    if (token === undefined && answer.status === 401) {
      const signed = { method: 'REGISTER', callId, cseq: ++cseq, expires: '' };
      answer = await this.register(callId, cseq, this.credentials(handshake, signed));
    }
    this.check(answer, handshake, { method: 'REGISTER', callId, cseq, expires: '' });
    if (provisioning) await this.askForProvisioning(handshake);
  }

  private register(callId: string, cseq: number, credentials?: string): Promise<Answer> {
    const headers = [
      `Contact: <sip:127.0.0.1:49152;transport=tls;ms-opaque=${this.epid}>;methods="INVITE, MESSAGE, INFO, SUBSCRIBE, OPTIONS, BYE, CANCEL, NOTIFY, ACK, REFER, BENOTIFY";proxy=replace;+sip.instance="<urn:uuid:${this.instance}>"`,
      'Supported: gruu-10, adhoclist, msrtc-event-categories, com.microsoft.msrtc.presence',
      'Event: registration',
      'ms-keep-alive: UAC;hop-hop=yes',
    ];
    const domain = this.aor.slice(this.aor.indexOf('@') + 1);
    return this.connection.ask(this.request('REGISTER', `sip:${domain}`, callId, cseq, headers, credentials));
  }

  private async askForProvisioning(handshake: ClientHandshake): Promise<void> {
    const signed = { method: 'SUBSCRIBE', callId: randomBytes(8).toString('hex'), cseq: 1, expires: '0' };
    const contact = `Contact: <sip:${this.aor};transport=tls>;proxy=replace`;
    const credentials = this.credentials(handshake, signed);
    const request = this.request('SUBSCRIBE', `sip:${this.aor}`, signed.callId, 1, [...PROVISIONING_HEADERS, contact], credentials, GROUPS);
    this.check(await this.connection.ask(request), handshake, signed);
  }

  private request(
    method: string,
    uri: string,
    callId: string,
    cseq: number,
    headers: readonly string[],
    credentials?: string,
    body = '',
  ): string {
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/tls 127.0.0.1:49152;branch=z9hG4bK${callId}${cseq}`,
      `From: <sip:${this.aor}>;tag=633235000;epid=${this.epid}`,
      `To: <sip:${this.aor}>`,
      'Max-Forwards: 70',
      `CSeq: ${cseq} ${method}`,
      'User-Agent: UCCAPI/4.0.7577.0 OC/4.0.7577.0 (Microsoft Lync 2010)',
      `Call-ID: ${callId}`,
      ...headers,
      ...(credentials === undefined ? [] : [`Authorization: ${credentials}`]),
      `Content-Length: ${body.length}`,
    ];
    return `${lines.join('\r\n')}\r\n\r\n${body}`;
  }

  /** With a token: a step of the handshake, signed when the keys are there already. */
  private credentials(handshake: ClientHandshake, signed: Signed, token?: Buffer): string {
    const { scheme, targetName, keys } = handshake;
    const opaque = this.opaque === '' ? '' : ` opaque="${this.opaque}",`;
    const data = token === undefined ? '' : `, gssapi-data="${token.toString('base64')}", version=4`;
    const start = `${scheme} qop="auth",${opaque} realm="${REALM}", targetname="${targetName}"${data}`;
    return keys === undefined ? start : `${start}, ${this.signature(handshake, keys, signed)}`;
  }

  private signature(handshake: ClientHandshake, keys: ClientKeys, signed: Signed): string {
    const cnum = ++this.cnum;
    const response = keys.sign(this.buffer(handshake, '1a2b3c4d', String(cnum), signed, ''));
    return `crand="1a2b3c4d", cnum="${cnum}", response="${response}"`;
  }

  private check(answer: Answer, handshake: ClientHandshake, signed: Signed): void {
    if (answer.status !== 200) throw new Error(`${signed.method} was answered:\n${answer.head}`);
    this.opaque = parameter(answer, 'authentication-info', 'opaque') ?? ''; // Kerberos learns it here first
    const [srand = '', snum = '', rspauth = ''] = ['srand', 'snum', 'rspauth'].map((name) =>
      parameter(answer, 'authentication-info', name),
    );
    const toTag = /\r\nto:[^\r]*;tag=([^;\r]+)/i.exec(answer.head)?.[1] ?? '';
    const expires = /\r\nexpires:[ \t]*(\d+)/i.exec(answer.head)?.[1] ?? '';
    const buffer = `${this.buffer(handshake, srand, snum, { ...signed, expires }, toTag)}<200>`;
    if (handshake.keys?.verify(buffer, rspauth) !== true)
      throw new Error(`the signature of the answer to ${signed.method} is wrong:\n${answer.head}`);
  }

  private buffer({ scheme, targetName }: ClientHandshake, rand: string, num: string, signed: Signed, toTag: string): string {
    const { callId, cseq, method, expires } = signed;
    return `<${scheme}><${rand}><${num}><${REALM}><${targetName}><${callId}><${cseq}><${method}><sip:${this.aor}><633235000><sip:${this.aor}><${toTag}><><><${expires}>`;
  }
}

/** A quoted parameter of the first header of that name. */
function parameter({ head }: Answer, header: string, name: string): string | undefined {
  const value = new RegExp(`\\r\\n${header}:([^\\r]*)`, 'i').exec(head)?.[1] ?? '';
  return new RegExp(`[ ,]${name}="([^"]*)"`).exec(value)?.[1];
}
