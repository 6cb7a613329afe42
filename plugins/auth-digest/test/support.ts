/** A server whose clients answer challenges by hand, and a witness behind the gate. */
import { createHash } from 'node:crypto';
import directory from '@parley/plugin-directory';
import { Directory, DirectoryAdmin } from '@parley/plugin-directory/api';
import type { DigestAlgorithm } from '@parley/plugin-directory/api';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { PASS, definePlugin } from '@parley/sdk';
import type { Identity, SipRequest, SipResponse } from '@parley/sdk';
import { testRequest, testServer } from '@parley/sdk/testkit';
import type { Endpoint, EndpointOptions, TestServer } from '@parley/sdk/testkit';
import * as z from 'zod';
import { digestResponse } from '../src/digest.ts';
import authDigest from '../src/plugin.ts';

export const REALM = 'example.com';
const HASH = { MD5: 'md5', 'SHA-256': 'sha256' } as const;
const PASSWORD = 'Wonderland 7';

/** A request that the gate has let through. */
export interface Passed {
  readonly message: SipRequest;
  readonly identity: Identity | undefined;
  readonly authenticated: boolean;
  readonly trusted: boolean;
}

/** What became of a request. */
export interface Outcome {
  /** Of the final answer; 0 when there was none. */
  readonly status: number;
  readonly response: SipResponse | undefined;
  /** Undefined when the gate did not let it through. */
  readonly passed: Passed | undefined;
  readonly nonce: string;
  readonly stale: boolean;
  readonly algorithms: readonly string[];
}

/** What a test changes about the server. */
export interface WorldShape {
  readonly config?: object;
  /** Attempts of one user before it is refused. */
  readonly perUser?: number;
  /** `trusted`: another gate has authenticated its clients already. */
  readonly signIn?: 'trusted';
  /** False: nobody is signed out when something happens to a user. */
  readonly registrar?: boolean;
}

/** One server, with alice (who has a phone number) and bob. */
export class World implements AsyncDisposable {
  private readonly passed: Passed[];
  private readonly client: Endpoint;
  private branches = 0;

  private constructor(
    readonly server: TestServer,
    passed: Passed[],
  ) {
    this.passed = passed;
    this.client = this.connection('client', { address: '198.51.100.7' });
  }

  static async open({ config = {}, perUser = 1000, signIn, registrar: hasRegistrar = true }: WorldShape = {}): Promise<World> {
    const passed: Passed[] = [];
    const signInLimits = { perUser, perAddress: 1000, perUserMinute: 6 };
    const server = await testServer({
      plugins: [
        directory({ signIn: signInLimits }),
        authDigest(config),
        ...(hasRegistrar ? [registrar(), routing()] : []),
        witness(passed),
      ],
      users: [
        { name: 'alice', password: PASSWORD, phones: ['+14255550100'], logins: ['EXAMPLE\\alice'] },
        { name: 'bob', password: 'Builder 88' },
      ],
      ...(signIn !== undefined && { signIn }),
    });
    return new World(server, passed);
  }

  get directory(): Directory {
    return this.server.find(Directory);
  }

  get admin(): DirectoryAdmin {
    return this.server.find(DirectoryAdmin);
  }

  /** Another connection of alice, on which the test writes. */
  connection(name: string, options: EndpointOptions = {}): Endpoint {
    return this.server.endpoint(name, { user: 'alice', transport: 'tcp', password: false, ...options });
  }

  /** Sends a request as it stands. */
  async ask(request: SipRequest, on: Endpoint = this.client): Promise<Outcome> {
    const { server, passed } = this;
    request.set(
      'Via',
      [`SIP/2.0/${on.transport} 198.51.100.7:40000;rport;branch=z9hG4bK${++this.branches}`, ...request.all('Via').slice(1)].join(', '),
    );
    const [heard, seen] = [server.messages.length, passed.length];
    await on.write(request.serialize());
    await server.settle();
    const answers = server.messages.slice(heard).filter(({ to, message }) => to === on.name && message?.isRequest === false);
    const response = answers.map(({ message }) => message as SipResponse).findLast(({ status }) => status > 100);
    return { status: response?.status ?? 0, response, passed: passed[seen], ...challengeIn(response) };
  }

  /** A nonce, by asking without credentials. */
  async nonce(on?: Endpoint): Promise<string> {
    return (await this.ask(request('REGISTER'), on)).nonce;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

/** Stands behind the gate and keeps what comes through. */
function witness(passed: Passed[]): ReturnType<ReturnType<typeof definePlugin>> {
  const plugin = definePlugin({
    name: 'witness',
    summary: 'Sees what the gate lets through',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    setup: (scope) =>
      scope.gate({
        name: 'witness',
        order: 900,
        check({ message, identity, flow: { authenticated, trusted } }) {
          if (message.isRequest) passed.push({ message: message.clone(), identity, authenticated, trusted });
          return PASS;
        },
      }),
  });
  return plugin();
}

function challengeIn(response: SipResponse | undefined): Pick<Outcome, 'nonce' | 'stale' | 'algorithms'> {
  const values = [...(response?.all('WWW-Authenticate') ?? []), ...(response?.all('Proxy-Authenticate') ?? [])];
  return {
    nonce: /nonce="([^"]*)"/.exec(values[0] ?? '')?.[1] ?? '',
    stale: values.length > 0 && values.every((value) => value.includes('stale=true')),
    algorithms: values.map((value) => /algorithm=([\w-]+)/.exec(value)?.[1] ?? ''),
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

let calls = 0;

/** A request of alice: to herself a REGISTER, to bob all others. */
export function request(method: string, shape: RequestShape = {}): SipRequest {
  const isRegister = method === 'REGISTER';
  const from = shape.from ?? 'sip:alice@example.com';
  const to = shape.to ?? (isRegister ? from : 'sip:bob@example.com');
  return testRequest([
    `${method} ${shape.uri ?? (isRegister ? 'sip:example.com' : 'sip:bob@example.com')} SIP/2.0`,
    `From: <${from}>;tag=f`,
    `To: ${to.includes('<') ? to : `<${to}>`}`,
    `Call-ID: c${++calls}`,
    'Contact: <sip:alice@198.51.100.7:40000;transport=tcp>',
    ...(shape.headers ?? []).map(([name, value]) => `${name}: ${value}`),
    '',
    shape.body ?? '',
  ]);
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
  const { username = 'alice', password = PASSWORD, algorithm = 'SHA-256', uri = to.uri } = how;
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
