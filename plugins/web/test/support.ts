/** A web host on loopback with three users, and a client that keeps its connection. */
import { Agent, request as httpsRequest } from 'node:https';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { FakeClock } from '@parley/sdk';
import type { Log } from '@parley/sdk';
import type { KerberosAcceptor } from '@parley/plugin-auth-kerberos/api';
import type { NtlmAcceptor } from '@parley/plugin-auth-ntlm/api';
import type { AttemptRefusal, Directory, SignInAttempts, User } from '@parley/plugin-directory/api';
import type { TlsMaterial } from '@parley/plugin-pki/api';
import { WebConfig } from '../src/config.ts';
import { WebHost } from '../src/web-host.ts';
import { FIRST } from './certificates.ts';

/** One answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Each WWW-Authenticate line. */
  readonly challenges: readonly string[];
  readonly body: string;
  /** Common name in the server's certificate. */
  readonly certificate: string | undefined;
  /** Tells connections apart. */
  readonly localPort: number | undefined;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly plain?: boolean;
}

/** What plugins for Windows authentication would provide. */
export interface Acceptors {
  readonly ntlm?: NtlmAcceptor;
  readonly kerberos?: KerberosAcceptor;
}

/** Lines by level. */
export class RecordingLog implements Log {
  readonly lines: { level: string; fields: object; message: string }[] = [];
  private readonly at =
    (level: string) =>
    (fields: object | string, message = ''): void =>
      void this.lines.push({
        level,
        fields: typeof fields === 'string' ? {} : fields,
        message: typeof fields === 'string' ? fields : message,
      });
  readonly trace = this.at('trace');
  readonly debug = this.at('debug');
  readonly info = this.at('info');
  readonly warn = this.at('warn');
  readonly error = this.at('error');
  readonly fatal = this.at('fatal');
  child(): Log {
    return this;
  }
}

const PASSWORDS: Readonly<Record<string, string>> = { alice: 'Wonderland 7', bob: 'Bäcker:88', carol: 'Carrots 9' };

function user(name: string, more: Partial<User> = {}): User {
  const base = { id: `id-${name}`, aor: `${name}@example.com`, displayName: name, logins: [`EXAMPLE\\${name}`], phones: [], groups: [] };
  return { ...base, enabled: true, homeServer: null, createdAt: 0, passwordChangedAt: 1, ...more };
}

/** alice, bob, and carol who is disabled. */
export class FakeDirectory {
  readonly users = new Map<string, User>([
    ['alice', user('alice')],
    ['bob', user('bob')],
    ['carol', user('carol', { enabled: false })],
  ]);

  change(name: string, more: Partial<User>): void {
    this.users.set(name, user(name, more));
  }

  findById = (id: string): User | undefined => [...this.users.values()].find((u) => u.id === id);
  findByAor = (aor: string): User | undefined => [...this.users.values()].find((u) => u.aor === aor.toLowerCase());
  findByLogin = (login: string): User | undefined =>
    this.findByAor(login) ?? [...this.users.values()].find((u) => u.logins.some((l) => l.toLowerCase() === login.toLowerCase()));
  checkPassword = (id: string | undefined, password: string): boolean => id !== undefined && PASSWORDS[id.slice(3)] === password;
}

/** Counts; refuses whom the test says. */
export class FakeAttempts implements SignInAttempts {
  readonly calls: string[] = [];
  readonly refused = new Set<string>();
  refuse(_address: string, account: string): AttemptRefusal | undefined {
    return this.refused.has(account) ? { limit: 'user', retryAfterSeconds: 30 } : undefined;
  }
  failed(address: string, account: string): void {
    this.calls.push(`failed ${address} ${account}`);
  }
  succeeded(address: string, account: string): void {
    this.calls.push(`succeeded ${address} ${account}`);
  }
}

/** Everything around one host. */
export class World {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly directory = new FakeDirectory();
  readonly attempts = new FakeAttempts();
  readonly listeners: object[] = [{}];
  material: TlsMaterial = FIRST;
  renewed: () => void = () => undefined;
  readonly host: WebHost;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });

  constructor(config: object = {}, { ntlm, kerberos }: Acceptors = {}) {
    this.host = new WebHost(
      { fqdn: 'uc.example.com', domains: ['example.com'], mode: 'serve' },
      this.clock,
      this.log,
      { listeners: this.listeners as never },
      WebConfig.parse({ host: '127.0.0.1', port: 0, ...config }),
      {
        tls: () => this.material,
        onChange: (listener) => {
          this.renewed = listener;
          return () => undefined;
        },
      },
      this.directory as unknown as Directory,
      this.attempts,
      ntlm,
      kerberos,
    );
  }

  static async started(config: object = {}, acceptors: Acceptors = {}): Promise<World> {
    const world = new World(config, acceptors);
    await world.host.start();
    return world;
  }

  get port(): number {
    return this.host.port ?? 0;
  }

  /** On one connection, unless the server ends it. */
  ask(path: string, { method = 'GET', headers = {}, body, plain = false }: Ask = {}): Promise<Answer> {
    const target = { host: '127.0.0.1', path, method, headers };
    return new Promise((resolve, reject) => {
      const sent = plain
        ? httpRequest({ ...target, port: this.host.plainPort })
        : httpsRequest({ ...target, port: this.port, agent: this.agent, servername: 'uc.example.com' });
      sent.on('error', reject);
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        const socket = response.socket as TLSSocket;
        const certificate = plain ? undefined : (socket.getPeerCertificate().subject?.CN as string | undefined);
        const localPort = socket.localPort;
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            challenges: response.headersDistinct['www-authenticate'] ?? [],
            body: Buffer.concat(chunks).toString(),
            certificate,
            localPort,
          }),
        );
        response.on('error', reject);
      });
      sent.end(body);
    });
  }

  /** Ends the client's connections. */
  hangUp(): void {
    this.agent.destroy();
  }

  async close(): Promise<void> {
    this.hangUp();
    await this.host.stop();
  }
}

/** An Authorization value. */
export function basic(login: string, password: string): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
}
