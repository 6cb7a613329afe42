/** A gate with two users, and a client that answers its challenges. */
import { createHash } from 'node:crypto';
import { FakeClock, Inbound, SipRequest } from '@parley/sdk';
import type { Flow, GateVerdict } from '@parley/sdk';
import type { AttemptRefusal, DigestAlgorithm, Directory, SignInAttempts, User } from '@parley/plugin-directory/api';
import { DigestConfig } from '../src/config.ts';
import { digestResponse } from '../src/digest.ts';
import { DigestGate } from '../src/gate.ts';

export const REALM = 'example.com';
const HASH = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

const PASSWORDS: Record<string, string> = { alice: 'Wonderland 7', bob: 'Builder 88' };

function user(name: string, more: Partial<User> = {}): User {
  const base = { id: name, aor: `${name}@example.com`, displayName: name, logins: [`EXAMPLE\\${name}`], phones: [], groups: [] };
  return { ...base, enabled: true, homeServer: null, createdAt: 0, passwordChangedAt: 1, ...more };
}

/** A directory of literals: alice (with a phone number) and bob. `asked` counts the digests that were asked for. */
export class FakeDirectory {
  readonly realms = [REALM];
  asked = 0;
  readonly users = new Map<string, User>([
    ['alice', user('alice', { phones: ['+14255550100'] })],
    ['bob', user('bob')],
  ]);

  change(name: string, more: Partial<User>): void {
    this.users.set(name, user(name, more));
  }

  findById = (id: string): User | undefined => this.users.get(id);
  findByAor = (aor: string): User | undefined => [...this.users.values()].find((u) => u.aor === aor.toLowerCase());
  findByPhone = (phone: string): User | undefined => [...this.users.values()].find((u) => u.phones.includes(phone.replace('tel:', '')));
  findByLogin = (login: string): User | undefined =>
    this.findByAor(login) ?? [...this.users.values()].find((u) => u.logins.some((l) => l.toLowerCase() === login.toLowerCase()));

  digestHa1(id: string | undefined, algorithm: DigestAlgorithm, realm: string, name: string): Buffer | undefined {
    this.asked++;
    const password = id === undefined ? undefined : PASSWORDS[id];
    return password === undefined ? undefined : createHash(HASH[algorithm]).update(`${name}:${realm}:${password}`).digest();
  }
}

/** What a test changes about the flow that a request comes on. */
export type FlowShape = Partial<Pick<Flow, 'reliable' | 'tlsPeer' | 'remote'>>;

export function flow(shape: FlowShape = {}): Flow {
  const reliable = shape.reliable ?? true;
  return {
    id: reliable ? 7 : 0,
    transport: reliable ? 'TCP' : 'UDP',
    reliable,
    secure: false,
    local: { host: '192.0.2.1', port: 5060 },
    remote: shape.remote ?? { host: '198.51.100.7', port: 40_000 },
    listener: undefined,
    tlsPeer: shape.tlsPeer ?? '',
    open: true,
    authenticated: false,
    trusted: false,
    hasTlsName: (name) => name === shape.tlsPeer,
    write: () => true,
    close: () => undefined,
  };
}

/** What a request says; the rest is usual. */
export interface RequestShape {
  readonly uri?: string;
  readonly from?: string;
  readonly to?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

export function request(method: string, shape: RequestShape = {}): SipRequest {
  const isRegister = method === 'REGISTER';
  const from = shape.from ?? 'sip:alice@example.com';
  const to = shape.to ?? (isRegister ? from : 'sip:bob@example.com');
  const uri = shape.uri ?? (isRegister ? 'sip:example.com' : 'sip:bob@example.com');
  const headers = [
    ['Via', 'SIP/2.0/TCP 198.51.100.7:40000;branch=z9hG4bKx'],
    ['From', `<${from}>;tag=f`],
    ['To', to.includes('<') ? to : `<${to}>`],
    ['Call-ID', 'c1'],
    ['CSeq', `1 ${method}`],
    ['Max-Forwards', '70'],
    ...(shape.headers ?? []),
  ] as const;
  return SipRequest.create(method, uri, headers, shape.body);
}

/** The challenge in a verdict. */
export interface Challenge {
  readonly status: number;
  readonly nonce: string;
  readonly stale: boolean;
  readonly algorithms: readonly string[];
}

/** What the host makes of a challenge at this gate. */
function challengeOf(verdict: GateVerdict, values: readonly string[]): Challenge {
  if (typeof verdict === 'symbol' || !('challenge' in verdict)) throw new Error('no challenge');
  return {
    status: verdict.challenge,
    nonce: /nonce="([^"]*)"/.exec(values[0] ?? '')?.[1] ?? '',
    stale: values.every((value) => value.includes('stale=true')),
    algorithms: values.map((value) => /algorithm=([\w-]+)/.exec(value)?.[1] ?? ''),
  };
}

/** How a client answers. */
export interface Answer {
  readonly username?: string;
  readonly password?: string;
  readonly algorithm?: DigestAlgorithm;
  readonly nc?: number;
  readonly qop?: string | undefined;
  readonly uri?: string;
  readonly header?: string;
  /** The user name as it stands in the header, when that is not how it goes into the hash. */
  readonly written?: string;
}

/** Adds credentials for the nonce to the request, computed as a client would. */
export function answer(to: SipRequest, nonce: string, how: Answer = {}): SipRequest {
  const { username = 'alice', password = PASSWORDS['alice'], algorithm = 'SHA-256', uri = to.uri } = how;
  const qop = 'qop' in how ? how.qop : 'auth';
  const nc = (how.nc ?? 1).toString(16).padStart(8, '0');
  const ha1 = createHash(HASH[algorithm]).update(`${username}:${REALM}:${password}`).digest();
  const response = digestResponse(algorithm, ha1, { method: to.method, uri, nonce, qop, nc, cnonce: 'c1', body: to.body });
  const tail = qop === undefined ? '' : `, qop=${qop}, nc=${nc}, cnonce="c1"`;
  const header = how.header ?? (to.method === 'REGISTER' ? 'Authorization' : 'Proxy-Authorization');
  const name = how.written ?? username;
  to.append(
    header,
    `Digest username="${name}", realm="${REALM}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${algorithm}${tail}`,
  );
  return to;
}

/** Refuses an account after so many failures, until ten seconds later. */
class FakeAttempts implements SignInAttempts {
  readonly counted: string[] = [];
  private since = 0;

  constructor(private readonly allowed: number) {}

  refuse(_address: string, account: string, now: number): AttemptRefusal | undefined {
    if (now - this.since >= 10_000) this.counted.length = 0;
    const failures = this.counted.filter((failed) => failed === account).length;
    return failures < this.allowed ? undefined : { limit: 'user', retryAfterSeconds: 10 };
  }

  failed(_address: string, account: string, now: number): void {
    this.since = now;
    this.counted.push(account);
  }

  succeeded(): void {}
}

/** Everything around one gate. */
export class World {
  readonly clock = new FakeClock();
  readonly directory = new FakeDirectory();
  readonly attempts: FakeAttempts;
  readonly gate: DigestGate;

  /** @param allowedFailures of one account before it is refused */
  constructor(config: unknown = {}, allowedFailures = Infinity) {
    this.attempts = new FakeAttempts(allowedFailures);
    this.gate = new DigestGate({
      directory: this.directory as unknown as Directory,
      attempts: this.attempts,
      server: { domains: [REALM, 'example.org'], fqdn: 'uc.example.com', isLocalDomain: (d) => [REALM, 'example.org'].includes(d) },
      transport: { isOwnAddress: (host) => host === '192.0.2.1' },
      clock: this.clock,
      log: { debug: () => undefined },
      config: DigestConfig.parse(config),
    });
  }

  /** Sends a request that has to be challenged. */
  challenge(message: SipRequest, on: Flow = flow()): Challenge {
    const { verdict, inbound } = this.check(message, on);
    return challengeOf(verdict, this.gate.challenger.challenge(inbound));
  }

  /** Sends a request to the gate. */
  check(message: SipRequest, on: Flow = flow()): { verdict: GateVerdict; inbound: Inbound<SipRequest> } {
    const inbound = new Inbound(message, on);
    return { verdict: this.gate.check(inbound), inbound };
  }

  /** A nonce, by asking without credentials. */
  nonce(on: Flow = flow()): string {
    return this.challenge(request('REGISTER'), on).nonce;
  }
}
