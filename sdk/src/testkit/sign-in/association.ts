/** A security association as a client has it: signs what leaves, verifies what comes. [MS-SIPAE] section 3.2 */
import { randomBytes } from 'node:crypto';
import { H } from '@parley/core';
import type { Flow, SipMessage, SipRequest, SipResponse } from '@parley/core';
import type { AssociationScheme, SessionKeys } from '../../association/index.ts';
import type { ClientHandshake } from './handshakes.ts';
import type { SignIn } from './sign-in.ts';
import { signedFields, signedText } from './signed-text.ts';

/** What a challenge says. */
interface Challenge {
  readonly realm: string;
  readonly targetName: string;
  readonly opaque: string;
  readonly token: string | undefined;
}

/** One client's association on one connection, from the first challenge until it signs out or is challenged again. */
export class ClientAssociation implements SignIn {
  private handshake: ClientHandshake | undefined = undefined;
  private token: Buffer | undefined = undefined;
  private target = { realm: '', targetName: '' };
  private opaque = '';
  private count = 0;
  private flow: Flow | undefined = undefined;
  /** `stands`: the server has signed something, so it has to sign everything. `over`: it knows the association no more. */
  private state: 'none' | 'begins' | 'stands' | 'over' = 'none';
  /** Call-ID and CSeq of the request that it signs out with. */
  private farewell = '';
  private readonly made = new Set<string>();

  constructor(
    private readonly scheme: AssociationScheme,
    private readonly begin: () => ClientHandshake | Promise<ClientHandshake>,
  ) {}

  sign(request: SipRequest, flow: Flow): boolean {
    if (this.made.has(request.first(H.Authorization) ?? '')) request.remove(H.Authorization);
    // What a test has written itself is its own affair.
    if (request.has(H.Authorization)) return true;
    const { token } = this;
    this.token = undefined;
    if (token !== undefined) {
      this.flow = flow;
      this.add(request, `gssapi-data="${token.toString('base64')}", version=4`);
    } else if (this.keysFor(flow) !== undefined) {
      this.add(request);
    } else {
      return false;
    }
    if (request.method === 'REGISTER' && request.first(H.Expires) === '0') this.farewell = transactionOf(request);
    return true;
  }

  finish(message: SipMessage, flow: Flow): void {
    if (this.keysFor(flow) !== undefined && !message.has(H.Authorization)) this.add(message);
  }

  accept(response: SipResponse): boolean | Promise<boolean> {
    const challenge = this.challengeIn(response);
    if (challenge === undefined) return false;
    const { handshake, state } = this;
    if (state === 'begins' && handshake !== undefined) {
      if (challenge.token !== undefined) return this.goOn(handshake, challenge, challenge.token);
      this.end();
      return false; // refused
    }
    if (state === 'none' || response.cseq.method === 'REGISTER') return this.start(challenge);
    this.state = 'over';
    return false;
  }

  doubt(message: SipMessage, flow: Flow): string | undefined {
    const keys = this.keysFor(flow);
    if (keys === undefined) return undefined;
    const info = message.all(H.AuthenticationInfo).find((value) => value.startsWith(`${this.scheme} `));
    if (info === undefined) return this.state === 'stands' && !isNeverSigned(message) ? 'is not signed' : undefined;
    const [rand, num, signature] = [parameter(info, 'srand'), parameter(info, 'snum'), parameter(info, 'rspauth')];
    const text = signedText({ scheme: this.scheme, ...this.target, rand: rand ?? '', num: num ?? '' }, signedFields(message));
    if (!keys.verify(text, signature ?? '')) return `has a signature that is not of ${text}`;
    this.opaque = parameter(info, 'opaque') ?? this.opaque; // Kerberos learns it here first
    if (this.farewell === transactionOf(message) && !message.isRequest) this.end();
    else if (this.state === 'begins') this.state = 'stands';
    return undefined;
  }

  private async start(challenge: Challenge): Promise<boolean> {
    this.target = challenge;
    [this.opaque, this.count, this.farewell, this.state] = ['', 0, '', 'begins'];
    this.handshake = await this.begin();
    this.token = await this.handshake.begin();
    return true;
  }

  private async goOn(handshake: ClientHandshake, { opaque }: Challenge, token: string): Promise<boolean> {
    this.opaque = opaque;
    this.token = await handshake.next(Buffer.from(token, 'base64'));
    return true;
  }

  private end(): void {
    this.state = 'none';
    this.handshake = undefined;
  }

  private keysFor(flow: Flow): SessionKeys | undefined {
    return this.flow === flow ? this.handshake?.keys : undefined;
  }

  private add(message: SipMessage, token?: string): void {
    const { realm, targetName } = this.target;
    const parts = [
      'qop="auth"',
      ...(this.opaque === '' ? [] : [`opaque="${this.opaque}"`]),
      `realm="${realm}", targetname="${targetName}"`,
      ...(token === undefined ? [] : [token]),
    ];
    const { handshake } = this;
    if (handshake?.keys !== undefined) {
      const [rand, num] = [randomBytes(4).toString('hex'), String(++this.count)];
      const text = signedText({ scheme: this.scheme, realm, targetName, rand, num }, signedFields(message));
      parts.push(`crand="${rand}", cnum="${num}", response="${handshake.keys.sign(text)}"`);
    }
    const value = `${this.scheme} ${parts.join(', ')}`;
    this.made.add(value);
    message.append(H.Authorization, value);
  }

  private challengeIn(response: SipResponse): Challenge | undefined {
    const values = [...response.all(H.WWWAuthenticate), ...response.all(H.ProxyAuthenticate)];
    const value = values.find((one) => one.startsWith(`${this.scheme} `));
    if (value === undefined) return undefined;
    const [realm = '', targetName = '', opaque = ''] = ['realm', 'targetname', 'opaque'].map((name) => parameter(value, name));
    return { realm, targetName, opaque, token: parameter(value, 'gssapi-data') };
  }
}

function parameter(value: string, name: string): string | undefined {
  return new RegExp(`[ ,]${name}="([^"]*)"`).exec(value)?.[1];
}

/** 100 is this hop's alone, and who is challenged may have no keys. */
function isNeverSigned(message: SipMessage): boolean {
  return !message.isRequest && [100, 401, 407].includes((message as SipResponse).status);
}

function transactionOf(message: SipMessage): string {
  return `${message.callId} ${message.cseq.number}`;
}
