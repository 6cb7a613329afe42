/** A server's gate, stamp and challenger of one mechanism, and a client that signs in through them. */
import { createHmac } from 'node:crypto';
import { FakeClock, Inbound, PASS, SipRequest, SipResponse } from '@parley/core';
import type { Challenger, Flow, Gate, GateHeaders, GateVerdict, Log, Metric, PluginScope, SipMessage, Stamp, Subject } from '@parley/core';
import { installAssociations, signatureBuffer } from '../../src/association/index.ts';
import type {
  AssociationMechanism,
  AssociationOptions,
  AssociationScheme,
  Associations,
  Handshake,
  HandshakeStep,
  SessionKeys,
} from '../../src/association/index.ts';
import { instanceOfEpid } from '../../src/endpoint/index.ts';

export const REALM = 'SIP Communications Service';
export const EPID = 'a1b2c3d4e5f6';

/** One user, as the directory has them. */
export interface TestUser {
  readonly id: string;
  readonly aor: string;
  readonly displayName: string;
  enabled: boolean;
  readonly phone?: string;
}

/** Keys of a made-up mechanism: HMAC-SHA-256 over a secret and a direction. */
export function testKeys(secret: string, side: 'client' | 'server' = 'server'): SessionKeys {
  const mac = (from: string, buffer: string): string => createHmac('sha256', `${secret} ${from}`).update(buffer, 'latin1').digest('hex');
  const other = side === 'server' ? 'client' : 'server';
  return { sign: (buffer) => mac(side, buffer), verify: (buffer, signature) => mac(other, buffer) === signature.toLowerCase() };
}

/** Two rounds: an empty token, then `user:password`; the password is the user's id. */
class TestHandshake implements Handshake {
  cancelled = false;
  private round = 0;

  constructor(private readonly world: World) {}

  step(token: Buffer): HandshakeStep | Promise<HandshakeStep> {
    if (this.round++ === 0) return { kind: 'continue', token: Buffer.from('challenge') };
    const answer = this.judge(token.toString());
    return this.world.slow ? Promise.resolve(answer) : answer;
  }

  cancel(): void {
    this.cancelled = true;
    this.world.cancelled++;
  }

  private judge(text: string): HandshakeStep {
    if (text === 'throw') throw new Error('a fault of the plugin');
    const [name = '', password = ''] = text.split(':');
    const user = this.world.users.get(name);
    if (user === undefined || password !== user.id)
      return { kind: 'failed', cause: 'credentials', account: user?.id ?? name, detail: `wrong password for ${name}` };
    if (this.world.failAs !== undefined)
      return { kind: 'failed', cause: this.world.failAs, account: user.id, detail: 'as the test wants it' };
    const { expiresAt, lastToken } = this.world;
    return {
      kind: 'done',
      user,
      keys: testKeys(user.id),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(lastToken !== undefined && { token: Buffer.from(lastToken) }),
    };
  }
}

let flowId = 0;

/** A connection that remembers why it was closed. */
export interface TestFlow extends Flow {
  closedFor: string | undefined;
}

export function flow(host = '198.51.100.7'): TestFlow {
  const made: TestFlow = {
    id: ++flowId,
    transport: 'TLS',
    reliable: true,
    secure: true,
    local: { host: '192.0.2.1', port: 5061 },
    remote: { host, port: 40_000 },
    listener: undefined,
    tlsPeer: '',
    open: true,
    authenticated: false,
    trusted: false,
    closedFor: undefined,
    hasTlsName: () => false,
    write: () => true,
    close: (reason) => {
      made.closedFor = reason;
    },
  };
  return made;
}

/** Everything that a mechanism is installed into. */
export class World {
  readonly clock = new FakeClock(Date.UTC(2026, 0, 5, 12));
  readonly users = new Map<string, TestUser>(
    (
      [
        ['alice', { id: 'alice-id', aor: 'alice@example.com', displayName: 'Alice Adams', enabled: true, phone: '+14255550101' }],
        ['bob', { id: 'bob-id', aor: 'bob@example.com', displayName: 'Bob', enabled: true }],
      ] as const
    ).map(([name, user]) => [name, { ...user }]),
  );
  /** `failed alice-id 198.51.100.7`, `succeeded ...` */
  readonly attempts: string[] = [];
  readonly lines: { readonly level: string; readonly text: string }[] = [];
  readonly metrics: Metric[] = [];
  readonly associations: Associations;
  /** Accounts that must wait. */
  readonly limited = new Set<string>();
  cancelled = 0;
  slow = false;
  failAs: 'skew' | 'disabled' | 'malformed' | 'unsupported' | undefined;
  expiresAt: number | undefined;
  lastToken: string | undefined;
  gate!: Gate;
  stamp!: Stamp;
  challenger!: Challenger;
  private readonly closers: (() => void | Promise<void>)[] = [];
  private readonly flowClosed: ((flow: Flow, reason: string) => void)[] = [];
  private readonly subscriptions = new Map<string, (message: never) => void>();

  constructor(scheme: AssociationScheme = 'NTLM', options: Partial<AssociationOptions> = {}) {
    const mechanism: AssociationMechanism = {
      scheme,
      targetName: 'ucsrv.example.com',
      ...(scheme === 'TLS-DSK' && { challengeParameters: [['sts-uri', 'https://ucsrv.example.com/CertProv']] as const }),
      begin: () => new TestHandshake(this),
    };
    this.associations = installAssociations(this.scope(scheme), mechanism, {
      accounts: this,
      attempts: {
        refuse: (_address, account) => (this.limited.has(account) ? { retryAfterSeconds: 30 } : undefined),
        failed: (address, account) => void this.attempts.push(`failed ${account} ${address}`),
        succeeded: (address, account) => void this.attempts.push(`succeeded ${account} ${address}`),
      },
      endings: [{ name: 'user.disabled' }, { name: 'user.password-changed' }],
      ...options,
    });
  }

  findById = (id: string): TestUser | undefined => [...this.users.values()].find((user) => user.id === id);
  findByAor = (aor: string): TestUser | undefined => [...this.users.values()].find((user) => user.aor === aor.toLowerCase());
  findByPhone = (phone: string): TestUser | undefined => [...this.users.values()].find((user) => user.phone === phone.replace('tel:', ''));

  /** Sends a message through the gate. */
  check(message: SipMessage, on: Flow): { verdict: GateVerdict; inbound: Inbound } {
    const inbound = new Inbound(message as SipRequest, on);
    const verdict = this.gate.check(inbound);
    if (verdict instanceof Promise) throw new Error('the gate takes its time');
    return { verdict, inbound };
  }

  /** Something said on the bus. */
  say(subject: string, message: { readonly id: string; readonly aor: string }): void {
    this.subscriptions.get(subject)?.(message as never);
  }

  /** A connection is no more. */
  lose(lost: Flow): void {
    for (const listener of this.flowClosed) listener(lost, 'gone');
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
  }

  /** What is counted of an outcome. */
  outcome(name: string): number {
    const samples = this.metrics.find((metric) => metric.name.endsWith('messages_total'))?.collect() as { labels: object; value: number }[];
    return samples.find(({ labels }) => 'outcome' in labels && labels.outcome === name)?.value ?? -1;
  }

  private scope(scheme: AssociationScheme): PluginScope {
    const note = (level: string) => (_fields: object, text: string) => void this.lines.push({ level, text });
    const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') } as unknown as Log;
    const services: Record<string, unknown> = {
      'core.clock': this.clock,
      'core.log': log,
      'core.server': { fqdn: 'ucsrv.example.com', domains: ['example.com'] },
      'core.transport': {
        onFlowClosed: (listener: (lost: Flow, reason: string) => void) => {
          this.flowClosed.push(listener);
          return () => undefined;
        },
      },
      'core.bus': {
        subscribe: <M>(subject: Subject<M>, listener: (message: never) => void) => {
          this.subscriptions.set(subject.name, listener);
          return () => this.subscriptions.delete(subject.name);
        },
      },
    };
    return {
      name: `auth-${scheme.toLowerCase()}`,
      resolve: (wanted: { readonly name: string }) => services[wanted.name],
      gate: (gate: Gate) => void (this.gate = gate),
      stamp: (stamp: Stamp) => void (this.stamp = stamp),
      challenger: (challenger: Challenger) => void (this.challenger = challenger),
      metric: (metric: Metric) => void this.metrics.push(metric),
      onClose: (run: () => void | Promise<void>) => void this.closers.push(run),
    } as unknown as PluginScope;
  }
}

/** What a client's message says beside the usual. */
export interface Shape {
  readonly uri?: string;
  readonly from?: string;
  readonly to?: string;
  readonly contact?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

/** What a client changes about its signature. */
export interface SigningShape {
  readonly cnum?: number;
  readonly opaque?: string;
  readonly header?: string;
  readonly keys?: SessionKeys;
  readonly version?: number;
}

/** One endpoint of a user. */
export class Client {
  opaque = '';
  cnum = 0;
  cseq = 0;
  readonly keys: SessionKeys;

  constructor(
    readonly world: World,
    readonly name = 'alice',
    readonly on: TestFlow = flow(),
    readonly epid = EPID,
    readonly scheme: AssociationScheme = 'NTLM',
  ) {
    this.keys = testKeys(`${name}-id`, 'client');
  }

  get address(): string {
    return `sip:${this.name}@example.com`;
  }

  request(method: string, shape: Shape = {}): SipRequest {
    const uri = shape.uri ?? (method === 'REGISTER' ? 'sip:example.com' : 'sip:bob@example.com');
    const instance = instanceOfEpid(this.epid);
    return SipRequest.create(method, uri, [
      ['Via', `SIP/2.0/TLS 198.51.100.7:40000;branch=z9hG4bK${this.name}${++this.cseq}`],
      ['From', shape.from ?? `<${this.address}>;tag=11112222;epid=${this.epid}`],
      ['To', shape.to ?? (method === 'REGISTER' ? `<${this.address}>` : '<sip:bob@example.com>')],
      ['Call-ID', 'call1'],
      ['CSeq', `${this.cseq} ${method}`],
      ['Contact', shape.contact ?? `<sip:198.51.100.7:40000;transport=tls>;+sip.instance="<urn:uuid:${instance}>"`],
      ...(shape.headers ?? []),
    ]);
  }

  /** A message with a token. */
  token(text: string, more = ''): SipRequest {
    const request = this.request('REGISTER');
    request.append('Authorization', this.credentials(`gssapi-data="${Buffer.from(text).toString('base64')}"${more}`));
    return request;
  }

  /** The first message of a handshake: the opaque that it got. */
  begin(): GateVerdict {
    const { verdict } = this.world.check(this.token('', ', version=4'), this.on);
    this.opaque = /opaque="([^"]+)"/.exec(headersOf(verdict).find(([name]) => name === 'WWW-Authenticate')?.[1] ?? '')?.[1] ?? '';
    return verdict;
  }

  /** The message with the last token, signed. */
  last(text = `${this.name}:${this.name}-id`, shape: SigningShape = {}): SipRequest {
    const request = this.request('REGISTER');
    const signature = this.signature(request, { cnum: 1, ...shape });
    this.cnum = 1;
    const token = Buffer.from(text).toString('base64');
    request.append(
      'Authorization',
      this.credentials(`opaque="${this.opaque}", gssapi-data="${token}", version=${shape.version ?? 4}, ${signature}`),
    );
    return request;
  }

  /** Both rounds. */
  signIn(): { verdict: GateVerdict; inbound: Inbound } {
    this.begin();
    return this.world.check(this.last(), this.on);
  }

  /** Adds a signature. */
  sign<M extends SipMessage>(message: M, shape: SigningShape = {}): M {
    const cnum = shape.cnum ?? ++this.cnum;
    const opaque = shape.opaque ?? this.opaque;
    message.append(shape.header ?? 'Authorization', this.credentials(`opaque="${opaque}", ${this.signature(message, { ...shape, cnum })}`));
    return message;
  }

  /** Sends a signed request. */
  send(method: string, shape: Shape = {}, how: SigningShape = {}): { verdict: GateVerdict; inbound: Inbound } {
    return this.world.check(this.sign(this.request(method, shape), how), this.on);
  }

  /** Whether a message from the server carries a good signature; throws when it carries none. */
  trusts(message: SipMessage): boolean {
    const info = message.first('Authentication-Info');
    if (info === undefined) throw new Error('not signed');
    const get = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(info)?.[1] ?? '';
    const context = { scheme: this.scheme, realm: REALM, targetName: 'ucsrv.example.com', version: 4 };
    return this.keys.verify(signatureBuffer(message, context, get('srand'), get('snum')), get('rspauth'));
  }

  private signature(message: SipMessage, { cnum = 1, keys = this.keys, version = 4 }: SigningShape): string {
    const context = { scheme: this.scheme, realm: REALM, targetName: 'ucsrv.example.com', version };
    const response = keys.sign(signatureBuffer(message, context, '1a2b3c4d', String(cnum)));
    return `crand="1a2b3c4d", cnum="${cnum}", response="${response}"`;
  }

  private credentials(rest: string): string {
    return `${this.scheme} qop="auth", realm="${REALM}", targetname="ucsrv.example.com", ${rest}`;
  }
}

/** Header fields of an answer. */
export function headersOf(verdict: GateVerdict): GateHeaders {
  if (typeof verdict === 'symbol' || 'drop' in verdict) return [];
  return verdict.headers ?? [];
}

/** `pass`, `drop`, `challenge 401` or the status. */
export function kindOf(verdict: GateVerdict): string {
  if (typeof verdict === 'symbol') return verdict === PASS ? 'pass' : 'admit';
  if ('drop' in verdict) return 'drop';
  return 'challenge' in verdict ? `challenge ${verdict.challenge}` : String(verdict.respond);
}

/** A response to a request. */
export function reply(request: SipMessage, status: number): SipResponse {
  return SipResponse.reply(request as SipRequest, status, undefined, 'AABBCCDD');
}
