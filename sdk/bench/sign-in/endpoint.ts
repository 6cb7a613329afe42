/** A user's client: signs in over its connection, as often as it is told to, and checks every signature of the server. */
import { randomBytes } from 'node:crypto';
import type { Answer, Connection } from './connection.ts';
import { instanceOfEpid } from '../../src/endpoint/index.ts';
import { batchHeaders, batchSubscribe } from '../presence/client.ts';
import type { SessionKeys } from '../../src/association/index.ts';
import type { ClientHandshake } from '../../src/testkit/sign-in/handshakes.ts';
import { signedText } from '../../src/testkit/sign-in/signed-text.ts';
import { handshakeOf } from './mechanisms.ts';
import type { ClientSecrets } from './mechanisms.ts';
import type { SignInScheme } from './plan.ts';

const REALM = 'SIP Communications Service';
const PROVISIONING_TYPE = 'application/vnd-microsoft-roaming-provisioning-v2+xml';
const GROUPS =
  '<provisioningGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisioninggrouplist">' +
  ['ServerConfiguration', 'meetingPolicy', 'persistentChatConfiguration', 'ucPolicy']
    .map((g) => `<provisioningGroup name="${g}"/>`)
    .join('') +
  '</provisioningGroupList>';
const SELF_TYPE = 'application/vnd-microsoft-roaming-self+xml';
const ROAMING =
  '<roamingList xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self">' +
  '<roaming type="categories"/><roaming type="containers"/><roaming type="subscribers"/></roamingList>';
const SUBSCRIBE_HEADERS = [
  'Supported: com.microsoft.autoextend',
  'Supported: ms-benotify',
  'Proxy-Require: ms-benotify',
  'Supported: ms-piggyback-first-notify',
];

/** What a client asks for when it has registered, before it publishes. */
const SUBSCRIPTIONS: readonly { readonly event: string; readonly type: string; readonly once?: boolean; readonly body?: string }[] = [
  { event: 'vnd-microsoft-roaming-contacts', type: 'application/vnd-microsoft-roaming-contacts+xml' },
  { event: 'vnd-microsoft-provisioning-v2', type: PROVISIONING_TYPE, once: true, body: GROUPS },
  { event: 'vnd-microsoft-roaming-self', type: SELF_TYPE, body: ROAMING },
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
  /** The registration that stands. */
  private registered: { readonly handshake: ClientHandshake; readonly callId: string; readonly cseq: number } | undefined;

  constructor(
    readonly connection: Connection,
    private readonly aor: string,
    private readonly scheme: SignInScheme,
    private readonly secrets: ClientSecrets,
    /** Whom it subscribes to, by number. */
    private readonly contacts: readonly number[],
  ) {}

  /**
   * From the first REGISTER to the answer to the first publication, with contacts, provisioning and own presence between. Rejects when
   * the server refuses, or signs wrongly.
   */
  async signIn(): Promise<void> {
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
    this.registered = { handshake, callId, cseq };
    for (const { event, type, once = false, body = '' } of SUBSCRIPTIONS) {
      const headers = [`Event: ${event}`, `Accept: ${type}`, ...SUBSCRIBE_HEADERS, ...(once ? ['Expires: 0'] : [])];
      await this.demand(handshake, 'SUBSCRIBE', body === '' ? headers : [...headers, `Content-Type: ${type}`], once ? '0' : '', body);
    }
    if (this.contacts.length > 0)
      await this.demand(handshake, 'SUBSCRIBE', batchHeaders(true), '', batchSubscribe(this.aor, this.contacts));
    await this.demand(handshake, 'SERVICE', ['Content-Type: application/msrtc-category-publish+xml'], '', this.publication());
  }

  /** Ends the registration, and with it everything that hangs on it. */
  async signOut(): Promise<void> {
    if (this.registered === undefined) return;
    const { handshake, callId, cseq } = this.registered;
    this.registered = undefined;
    const out = { method: 'REGISTER', callId, cseq: cseq + 1, expires: '0' };
    this.check(await this.register(callId, out.cseq, this.credentials(handshake, out), '0'), handshake, out);
  }

  /** Sends a signed request of its own dialog to the own address. */
  private async demand(
    handshake: ClientHandshake,
    method: string,
    headers: readonly string[],
    expires: string,
    body: string,
  ): Promise<void> {
    const signed = { method, callId: randomBytes(8).toString('hex'), cseq: 1, expires };
    const contact = `Contact: <sip:${this.aor};transport=tls>;proxy=replace`;
    const credentials = this.credentials(handshake, signed);
    const request = this.request(method, `sip:${this.aor}`, signed.callId, 1, [...headers, contact], credentials, body);
    this.check(await this.connection.ask(request), handshake, signed);
  }

  /** The state of the computer, as clients publish it first. */
  private publication(): string {
    const state =
      '<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" manual="false" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="machineState">' +
      '<availability>3500</availability></state>';
    const publication = (container: number): string =>
      `<publication categoryName="state" instance="906391354" container="${container}" version="0" expireType="endpoint">${state}</publication>`;
    const publications = `<publications uri="sip:${this.aor}">${publication(2)}${publication(3)}</publications>`;
    return `<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence">${publications}</publish>`;
  }

  private register(callId: string, cseq: number, credentials?: string, expires?: string): Promise<Answer> {
    const headers = [
      ...(expires === undefined ? [] : [`Expires: ${expires}`]),
      `Contact: <sip:127.0.0.1:49152;transport=tls;ms-opaque=${this.epid}>;methods="INVITE, MESSAGE, INFO, SUBSCRIBE, OPTIONS, BYE, CANCEL, NOTIFY, ACK, REFER, BENOTIFY";proxy=replace;+sip.instance="<urn:uuid:${this.instance}>"`,
      'Supported: gruu-10, adhoclist, msrtc-event-categories, com.microsoft.msrtc.presence',
      'Event: registration',
      'ms-keep-alive: UAC;hop-hop=yes',
    ];
    const domain = this.aor.slice(this.aor.indexOf('@') + 1);
    return this.connection.ask(this.request('REGISTER', `sip:${domain}`, callId, cseq, headers, credentials));
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
    const { scheme, keys } = handshake;
    const { targetName } = this.secrets;
    const opaque = this.opaque === '' ? '' : ` opaque="${this.opaque}",`;
    const data = token === undefined ? '' : `, gssapi-data="${token.toString('base64')}", version=4`;
    const start = `${scheme} qop="auth",${opaque} realm="${REALM}", targetname="${targetName}"${data}`;
    return keys === undefined ? start : `${start}, ${this.signature(handshake, keys, signed)}`;
  }

  private signature({ scheme }: ClientHandshake, keys: SessionKeys, signed: Signed): string {
    const cnum = ++this.cnum;
    const response = keys.sign(this.text(scheme, '1a2b3c4d', String(cnum), signed));
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
    const text = this.text(handshake.scheme, srand, snum, { ...signed, expires }, { toTag, status: 200 });
    if (handshake.keys?.verify(text, rspauth) !== true)
      throw new Error(`the signature of the answer to ${signed.method} is wrong:\n${answer.head}`);
  }

  private text(
    scheme: string,
    rand: string,
    num: string,
    signed: Signed,
    answer: { readonly toTag: string; readonly status?: number } = { toTag: '' },
  ): string {
    const address = `sip:${this.aor}`;
    const by = { scheme, realm: REALM, targetName: this.secrets.targetName, rand, num };
    return signedText(by, { ...signed, cseq: String(signed.cseq), from: address, fromTag: '633235000', to: address, ...answer });
  }
}

/** A quoted parameter of the first header of that name. */
function parameter({ head }: Answer, header: string, name: string): string | undefined {
  const value = new RegExp(`\\r\\n${header}:([^\\r]*)`, 'i').exec(head)?.[1] ?? '';
  return new RegExp(`[ ,]${name}="([^"]*)"`).exec(value)?.[1];
}
