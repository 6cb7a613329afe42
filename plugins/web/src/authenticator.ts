/** Establishes who a request is from: NTLM and Negotiate on the connection, Basic in the request. RFC 9110 section 11, RFC 4559, [MS-OCAUTHWS] R4, R16. */
import { TLSSocket } from 'node:tls';
import { DIAGNOSTIC_IDS, quotableText } from '@parley/sdk';
import type { Clock, Log, Server } from '@parley/sdk';
import type { Directory, SignInAttempts } from '@parley/plugin-directory/api';
import type { WebIdentity, WebReply, WebRequest, WebScheme } from './api.ts';
import { accountOf, checkBasic, readBasic } from './basic.ts';
import type { WebConfig } from './config.ts';
import { ConnectionIdentities } from './connection-identity.ts';
import type { PublicNames } from './public-names.ts';
import type { SchemeVerdict, TokenScheme } from './scheme.ts';
import type { Traffic } from './traffic.ts';

/** What the authenticator works with. */
export interface AuthenticatorParts {
  readonly directory: Directory;
  readonly attempts: SignInAttempts;
  readonly server: Pick<Server, 'domains' | 'fqdn'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'info'>;
  readonly traffic: Traffic;
  readonly config: WebConfig['authentication'];
  /** In the order in which they are offered; Basic comes last. */
  readonly schemes: readonly TokenScheme[];
  names(): Pick<PublicNames, 'addressOf' | 'cameThroughProxy'>;
}

const AUTHORIZATION = /^([A-Za-z-]{1,32}) +([A-Za-z0-9+/_-]{1,65536}={0,2})$/;

/** One for all routes. */
export class Authenticator {
  private readonly identities: ConnectionIdentities;
  private readonly found = new WeakMap<WebRequest, WebIdentity>();

  constructor(private readonly parts: AuthenticatorParts) {
    this.identities = new ConnectionIdentities(parts.directory, parts.config.connectionSeconds * 1000);
  }

  /** The hook; answers the request unless its user is known. */
  readonly authenticate = async (request: WebRequest, reply: WebReply): Promise<WebReply | undefined> => {
    const { socket } = request.raw;
    if (!(socket instanceof TLSSocket)) return reply.code(403).type('text/plain').send('Use https\n');
    const header = request.headers.authorization;
    if (header !== undefined) return this.judge(request, reply, header);
    const known = this.isShared(request) ? undefined : this.identities.find(socket, this.now);
    if (known === undefined) return this.challenge(request, reply, 'challenged');
    this.parts.traffic.authenticated('connection');
    this.found.set(request, known);
    return undefined;
  };

  identityOf(request: WebRequest): WebIdentity | undefined {
    return this.found.get(request);
  }

  private get now(): number {
    return this.parts.clock.now();
  }

  private judge(request: WebRequest, reply: WebReply, header: string): WebReply | undefined {
    const { socket } = request.raw;
    const [, name = '', text = ''] = AUTHORIZATION.exec(header) ?? [];
    const token = Buffer.from(text, 'base64');
    const offered = this.schemesFor(request).find(({ scheme }) => scheme.toLowerCase() === name.toLowerCase());
    if (offered !== undefined) {
      const handshake = this.identities.takeHandshake(socket, offered.scheme, this.now) ?? offered.begin();
      const verdict = handshake.step(token);
      if (verdict.kind === 'continue') this.identities.keepHandshake(socket, offered.scheme, handshake, this.now);
      return this.conclude(request, reply, offered.scheme, verdict);
    }
    if (name.toLowerCase() === 'basic' && this.parts.config.basic) return this.judgeBasic(request, reply, token);
    return this.challenge(request, reply, 'malformed');
  }

  private judgeBasic(request: WebRequest, reply: WebReply, token: Buffer): WebReply | undefined {
    const credentials = readBasic(token);
    if (credentials === undefined) return this.challenge(request, reply, 'malformed');
    const { directory, server } = this.parts;
    const user = accountOf(directory, server.domains, credentials.login);
    return this.conclude(request, reply, 'Basic', checkBasic(directory, user, credentials));
  }

  private conclude(request: WebRequest, reply: WebReply, scheme: WebScheme, verdict: SchemeVerdict): WebReply | undefined {
    if (verdict.kind === 'continue') {
      this.parts.traffic.authenticated('continued');
      return reply
        .code(401)
        .header('WWW-Authenticate', `${scheme} ${verdict.token.toString('base64')}`)
        .send();
    }
    const address = this.parts.names().addressOf(request);
    const account = verdict.kind === 'user' ? verdict.user.id : verdict.account;
    const refusal = account === undefined ? undefined : this.parts.attempts.refuse(address, account, this.now);
    if (refusal !== undefined) {
      this.identities.forget(request.raw.socket);
      this.parts.traffic.authenticated('limited');
      return reply.code(503).header('Retry-After', refusal.retryAfterSeconds).type('text/plain').send('Too many failed sign-in attempts\n');
    }
    return verdict.kind === 'user'
      ? this.admit(request, reply, scheme, verdict, address)
      : this.refuse(request, reply, scheme, verdict, address);
  }

  private admit(
    request: WebRequest,
    reply: WebReply,
    scheme: WebScheme,
    { user, reply: token, expiresAt }: Extract<SchemeVerdict, { kind: 'user' }>,
    address: string,
  ): undefined {
    this.parts.attempts.succeeded(address, user.id);
    this.parts.traffic.authenticated('accepted');
    this.found.set(request, { user, scheme });
    // Basic is in each request anyway, and behind a proxy the connection is not the client's.
    if (scheme !== 'Basic' && !this.isShared(request)) this.identities.remember(request.raw.socket, user, scheme, this.now, expiresAt);
    if (token !== undefined) void reply.header('WWW-Authenticate', `${scheme} ${token.toString('base64')}`);
  }

  private refuse(
    request: WebRequest,
    reply: WebReply,
    scheme: WebScheme,
    { cause, account, detail }: Extract<SchemeVerdict, { kind: 'failed' }>,
    address: string,
  ): WebReply {
    const { attempts, log, server } = this.parts;
    this.identities.forget(request.raw.socket);
    // A disabled user's right password is no guess.
    if (cause === 'wrong' && account !== undefined) attempts.failed(address, account, this.now);
    log.info({ address, scheme, account, cause }, `sign-in to a web service failed: ${detail}`);
    const reason = cause === 'malformed' ? 'The credentials cannot be read' : 'The credentials are not those of a user who may sign in';
    void reply.header(
      'X-Ms-diagnostics',
      `${DIAGNOSTIC_IDS.expectedFailure};source="${server.fqdn}";reason="${quotableText(reason)}";faultcode="wsse:FailedAuthentication"`,
    );
    return this.challenge(request, reply, cause);
  }

  /** [MS-OCAUTHWS] R4: one header field for each scheme. */
  private challenge(request: WebRequest, reply: WebReply, outcome: 'challenged' | 'wrong' | 'disabled' | 'malformed'): WebReply {
    const { config, server, traffic } = this.parts;
    traffic.authenticated(outcome);
    const challenges: string[] = this.schemesFor(request).map(({ scheme }) => scheme);
    if (config.basic) challenges.push(`Basic realm="${server.fqdn}", charset="UTF-8"`);
    return reply.code(401).header('WWW-Authenticate', challenges).send();
  }

  /** NTLM authenticates a connection; one from a proxy carries the requests of many. */
  private schemesFor(request: WebRequest): readonly TokenScheme[] {
    const { schemes } = this.parts;
    return this.isShared(request) ? schemes.filter(({ scheme }) => scheme !== 'NTLM') : schemes;
  }

  private isShared(request: WebRequest): boolean {
    return this.parts.names().cameThroughProxy(request);
  }
}
