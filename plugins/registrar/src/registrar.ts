/** The registrar: checks who registers, does what the REGISTER asks, answers. RFC 3261 section 10.3. */
import { Clock, EventPackages, H, ParleyError, PluginConfig, Server, SipUri, detach, inject, injectable, newTag } from '@parley/sdk';
import type { RequestContext, SipRequest } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import { answerHeaders } from './answer.ts';
import type { AnswerHeaders, ServerFacts } from './answer.ts';
import { applyRegister } from './apply-register.ts';
import type { Change } from './apply-register.ts';
import { addressOf } from './binding-table.ts';
import type { BindingFields, BindingRecord, RegistrationSubscriber } from './binding.ts';
import { Bindings } from './bindings.ts';
import type { RegistrarConfig } from './config.ts';
import { diagnosticsOf } from './diagnostics.ts';
import type { KnownUsers } from './endpoint-source.ts';
import { RegistrarErrors } from './errors.ts';
import { homeServerContact } from './home-server.ts';
import { insideTest } from './internal-networks.ts';
import { asksForKeepAlive } from './keep-alive.ts';
import { reachOf } from './reach.ts';
import { RegEvents } from './reg-event.ts';
import type { RegRequest } from './reg-event.ts';
import { readRegister, unknownOptions } from './read-register.ts';
import type { Contact, Register } from './read-register.ts';

/** What the registrar uses of a request. */
export type RegisterContext = Pick<RequestContext, 'request' | 'flow' | 'identity' | 'respond'>;

type Changes = readonly Change<BindingRecord, Contact>[];

/** Seconds after which an endpoint may ask again when the server is full. */
const RETRY_AFTER_SECONDS = 60;
const REDIRECTED = 'Redirect request to Home Server';
/** How long clients may remember where their home server is, seconds: [MS-SIPRE] section 4.5. */
const HOME_SERVER_SECONDS = 2_592_000;

/** The handler of routes.am and reg-event.am. */
@injectable()
export class Registrar {
  /** Requests by how they ended, for the metrics. */
  readonly counts = { added: 0, refreshed: 0, removed: 0, queried: 0, redirected: 0, refused: 0 };
  private readonly isInside: (host: string) => boolean;

  constructor(
    @inject(Bindings) private readonly bindings: Bindings,
    @inject(PluginConfig) private readonly config: RegistrarConfig,
    @inject(Server) private readonly server: Pick<Server, 'fqdn' | 'isLocalDomain'>,
    @inject(Clock) private readonly clock: Clock,
    @inject(EventPackages) private readonly events: EventPackages,
    @inject(RegEvents) private readonly regEvents: Pick<RegEvents, 'subscribe'>,
    @inject(Directory, { optional: true }) private readonly known: KnownUsers | undefined,
  ) {
    this.isInside = insideTest(config.internalNetworks);
  }

  /** Undefined where everybody of our domains may register. */
  get directory(): KnownUsers | undefined {
    return this.config.users === 'any' ? undefined : this.known;
  }

  /** Throws REGISTRAR_NO_DIRECTORY: better no start than one where nobody can register. */
  start(): void {
    if (this.config.users === 'directory' && this.known === undefined) throw RegistrarErrors.REGISTRAR_NO_DIRECTORY();
  }

  /** The server that holds a user, null when it is this one or nobody knows the user. */
  homeOf(aor: string): string | null {
    return this.directory?.findByAor(aor)?.homeServer ?? null;
  }

  onRegister(tx: RegisterContext): void {
    try {
      this.register(tx);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      this.refuse(tx, error);
    }
  }

  /** For reg-event.am. */
  onSubscribe(tx: RegRequest): void {
    this.regEvents.subscribe(tx);
  }

  private register(tx: RegisterContext): void {
    const aor = this.authorise(tx);
    const home = this.homeOf(aor);
    if (home !== null) {
      this.redirect(tx, home);
      return;
    }
    const { maxContacts } = this.config;
    const held = this.bindings.held(aor);
    const register = readRegister(tx.request, aor, maxContacts + held.length, held);
    const now = this.clock.now();
    const changes = applyRegister(held, register, this.config, now, sameUri);
    if (changes instanceof ParleyError) throw changes;
    this.checkRoom(changes);
    const action = actionOf(changes, register, tx);
    const subscriber = subscriberOf(tx.request, changes);
    this.commit(changes, register, tx, now, subscriber);
    this.count(changes);
    if (!this.config.requireAuthentication) tx.flow.authenticated = true;
    const keepAlive = tx.flow.reliable && !register.proxied ? this.config.keepAliveSeconds : undefined;
    tx.respond(
      200,
      answerHeaders({
        bindings: this.bindings.held(aor),
        addressOfRecord: addressText(tx.request.to.uri),
        supported: register.supported,
        path: register.path,
        outbound: register.outbound,
        granted: grantedSeconds(changes, register, now),
        action: tx.request.has(H.Event) ? action : undefined,
        keepAlive: asksForKeepAlive(tx.request.first(H.MSKeepAlive)) ? keepAlive : undefined,
        flowTimer: keepAlive,
        server: tx.request.has(H.Event) ? this.serverFacts(tx) : undefined,
        now,
      }),
      subscriber === undefined ? undefined : { toTag: subscriber.tag },
    );
  }

  private serverFacts({ flow }: RegisterContext): ServerFacts {
    return { events: this.events.names, version: this.config.serverVersion, remote: !this.isInside(flow.remote.host) };
  }

  /** The user is at home elsewhere. [MS-SIPREGE] R15 */
  private redirect(tx: RegisterContext, home: string): void {
    this.counts.redirected++;
    tx.respond(301, { Contact: homeServerContact(home, tx.flow.secure), Expires: String(HOME_SERVER_SECONDS) }, { reason: REDIRECTED });
  }

  /** Whose bindings the request is about. Throws when the sender may not change them, or when there is no such user. */
  private authorise(tx: RegisterContext): string {
    const { uri } = tx.request.to;
    const aor = addressOf(uri);
    if (!uri.isSip) throw RegistrarErrors.REGISTRAR_NOT_SIP({ scheme: uri.scheme });
    if (uri.user === undefined || !this.server.isLocalDomain(uri.host)) throw RegistrarErrors.REGISTRAR_DOMAIN_UNKNOWN({ aor });
    if (tx.identity === undefined) {
      if (this.config.requireAuthentication) throw RegistrarErrors.REGISTRAR_NOT_AUTHENTICATED();
    } else if (tx.identity.aor !== aor) {
      throw RegistrarErrors.REGISTRAR_NOT_YOURS({ identity: tx.identity.aor, aor });
    }
    if (this.config.users === 'any') return aor;
    const user = this.directory?.findByAor(aor);
    if (user === undefined) throw RegistrarErrors.REGISTRAR_USER_UNKNOWN({ aor });
    if (!user.enabled) throw RegistrarErrors.REGISTRAR_USER_DISABLED({ aor });
    return user.aor;
  }

  private checkRoom(changes: Changes): void {
    let more = 0;
    for (const change of changes) {
      if (change.kind === 'add') more++;
      else if (change.kind === 'remove') more--;
    }
    if (more > 0 && this.bindings.size + more > this.config.maxBindings)
      throw RegistrarErrors.REGISTRAR_FULL({ limit: this.config.maxBindings });
  }

  private commit(
    changes: Changes,
    register: Register,
    tx: RegisterContext,
    now: number,
    subscriber: RegistrationSubscriber | undefined,
  ): void {
    for (const change of changes) {
      switch (change.kind) {
        case 'update':
          this.bindings.update(
            change.held,
            { ...this.fieldsOf(change.asked, change.expiresAt, register, tx, change.held), subscriber },
            now,
          );
          break;
        case 'add':
          this.bindings.add(
            this.ownAor(register),
            { ...this.fieldsOf(change.asked, change.expiresAt, register, tx, undefined), subscriber },
            now,
          );
          break;
        case 'remove':
          this.bindings.remove(change.held, change.reason);
          break;
      }
    }
  }

  /** The directory's own string for a user, which is in memory anyway. */
  private ownAor(register: Register): string {
    return this.config.users === 'any' ? detach(register.aor) : register.aor;
  }

  /** What is kept, detached from the message: a slice would keep all of its bytes in memory. Strings that have not changed stay what they are. */
  private fieldsOf(
    asked: Contact,
    expiresAt: number,
    register: Register,
    tx: RegisterContext,
    old: BindingRecord | undefined,
  ): Omit<BindingFields, 'subscriber'> {
    const { strings, methods, sockets } = this.bindings;
    return {
      ...reachOf(tx.flow, asked, register.proxied, sockets),
      contact: keep(asked.contact, old?.contact),
      q: asked.q,
      expiresAt,
      callId: keep(register.callId, old?.callId),
      cseq: register.cseq,
      instance: keep(asked.instance, old?.instance),
      regId: asked.regId,
      epid: keep(register.epid, old?.epid),
      methods: methods.of(asked.methods),
      path: register.path,
      userAgent: strings.of(register.userAgent),
    };
  }

  private count(changes: Changes): void {
    const { counts } = this;
    if (changes.length === 0) counts.queried++;
    else if (changes.some((change) => change.kind === 'add')) counts.added++;
    else if (changes.some((change) => change.kind === 'update')) counts.refreshed++;
    else counts.removed++;
  }

  private refuse(tx: RegisterContext, error: ParleyError): void {
    this.counts.refused++;
    const headers: AnswerHeaders = diagnosticsOf(error, this.server.fqdn);
    switch (error.status) {
      case 420:
        headers['Unsupported'] = unknownOptions(tx.request).join(', ');
        break;
      case 421:
        headers['Require'] = 'gruu-10';
        break;
      case 423:
        headers['Min-Expires'] = String(this.config.minExpires);
        break;
      case 489:
        headers['Allow-Events'] = ['registration', ...this.events.names].join(',');
        break;
      case 503:
        headers['Retry-After'] = String(RETRY_AFTER_SECONDS);
        break;
    }
    tx.respond(error.status ?? 500, headers);
  }
}

function keep(text: string, old: string | undefined): string {
  return text === old ? old : detach(text);
}

function sameUri(held: string, asked: string): boolean {
  return SipUri.parse(held).equals(SipUri.parse(asked));
}

/** `user@host` as it stands in the URI, for a GRUU made of it. */
function addressText(uri: SipUri): string {
  return `${uri.user}@${uri.host}`;
}

/** [MS-SIPREGE] R3: refreshed only when nothing but the time changes, on the connection and with the Call-ID of before. */
function actionOf(changes: Changes, register: Register, tx: RegisterContext): 'added' | 'refreshed' | undefined {
  let action: 'added' | 'refreshed' | undefined;
  for (const change of changes) {
    if (change.kind === 'add') return 'added';
    if (change.kind !== 'update') continue;
    const { held } = change;
    if (held.callId !== register.callId || (tx.flow.reliable && held.flowId !== tx.flow.id)) return 'added';
    action = 'refreshed';
  }
  return action;
}

/** Seconds granted to the only contact of a request. [MS-SIPREGE] 3.2: clients look for Expires. */
function grantedSeconds(changes: Changes, register: Register, now: number): number | undefined {
  if (register.star) return 0;
  if (register.contacts.length !== 1) return undefined;
  for (const change of changes) {
    if (change.kind !== 'remove') return Math.round((change.expiresAt - now) / 1000);
  }
  return 0;
}

/**
 * The implicit dialog of a REGISTER with `Event: registration`: a refresh keeps our tag. [MS-SIPREGE] section 3.1.1.4
 */
function subscriberOf(request: SipRequest, changes: Changes): RegistrationSubscriber | undefined {
  if (!request.has(H.Event)) return undefined;
  const known = changes.find((change) => change.kind === 'update');
  const tag = known?.kind === 'update' && known.held.callId === request.callId ? known.held.subscriber?.tag : undefined;
  return { from: detach(request.first(H.From) ?? ''), tag: tag ?? newTag() };
}
