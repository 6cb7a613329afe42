/** The accepting side of Kerberos: verifies an AP-REQ against a keytab. RFC 4120 section 3.2.3, RFC 4121 section 4.1. */
import { randomInt } from 'node:crypto';
import { ParleyError } from '@parley/core';
import type { Accepted, Refused } from './acceptance.ts';
import { writeApRep } from './ap-rep.ts';
import { readApReq } from './ap-req.ts';
import type { ApReq } from './ap-req.ts';
import { readAuthenticator } from './authenticator.ts';
import type { Authenticator } from './authenticator.ts';
import { usableKey } from './encrypted-data.ts';
import { KEY_USAGE } from './enctype.ts';
import { enctypeName } from './enctypes.ts';
import { frameApRep, unframeApReq } from './gss-token.ts';
import { acceptorMicContext } from './gss-mic.ts';
import type { KerberosKey } from './kerberos-key.ts';
import type { Keytab } from './keytab.ts';
import { principalText, sameService } from './principal.ts';
import { refusals } from './refusals.ts';
import type { ReplayCache } from './replay-cache.ts';
import { readTicketPart } from './ticket-part.ts';
import type { TicketPart } from './ticket-part.ts';

/** What an acceptor works with. */
export interface AcceptorOptions {
  /** Asked at each token: a keytab may be replaced while the server runs. */
  keytab(): Keytab;
  /** Numbers of the encryption types that are allowed, of tickets and of session keys alike. */
  readonly enctypes: ReadonlySet<number>;
  /** How far the clocks of client, KDC and server may be apart, milliseconds. */
  readonly skewMs: number;
  readonly replays: ReplayCache;
}

/** A ticket that could be opened, and the proof beside it. */
interface Opened {
  readonly kind: 'opened';
  readonly ticket: TicketPart;
  readonly sessionKey: KerberosKey;
  readonly authenticator: Authenticator;
}

/** One for all connections. */
export class KerberosTokenAcceptor {
  constructor(private readonly options: AcceptorOptions) {}

  /**
   * Judges an initial context token of GSS-API. An accepted one is used up.
   * @param service first component of the principals that it may be for, such as `sip`
   */
  accept(token: Buffer, service: string, now: number): Accepted | Refused {
    try {
      return this.judge(readApReq(unframeApReq(token)), service, now);
    } catch (error) {
      // What a client sent is no fault of ours; anything else is.
      if (error instanceof ParleyError) return refusals.malformed(`${error.message} ${error.fix}`);
      throw error;
    }
  }

  private judge(request: ApReq, service: string, now: number): Accepted | Refused {
    const opened = this.open(request, service);
    if (opened.kind === 'refused') return opened;
    const { ticket, authenticator, sessionKey } = opened;
    const key = authenticator.subkey === undefined ? sessionKey : usableKey(authenticator.subkey);
    const late = this.timeFault(ticket, authenticator, now) ?? this.replayFault(request, ticket, now);
    if (late !== undefined) return late;
    // Without an AP-REP to say otherwise both sides count from the initiator's number.
    const sequence = request.wantsMutual ? randomInt(2 ** 31) : authenticator.sequence;
    return {
      kind: 'accepted',
      client: ticket.client,
      service: request.service,
      expiresAt: ticket.endsAt + this.options.skewMs,
      mic: acceptorMicContext(key, sequence),
      reply: request.wantsMutual ? frameApRep(writeApRep(sessionKey, authenticator, sequence)) : undefined,
    };
  }

  /** Everything that does not depend on the time. */
  private open(request: ApReq, service: string): Opened | Refused {
    const found = this.keysFor(request, service);
    if (found.kind === 'refused') return found;
    const name = principalText(request.service);
    const plain = decryptWithOne(found.keys, request.ticket.cipher);
    if (plain === undefined) return refusals.ticketAltered(name);
    const ticket = readTicketPart(plain);
    const weak = this.weakFault('session key', ticket.key.enctype);
    if (weak !== undefined) return weak;
    const sessionKey = usableKey(ticket.key);
    const { enctype, cipher } = request.authenticator;
    const proof = enctype === sessionKey.enctype.number ? sessionKey.for(KEY_USAGE.apReqAuthenticator).decrypt(cipher) : undefined;
    if (proof === undefined) return refusals.authenticatorAltered(name);
    const authenticator = readAuthenticator(proof);
    return this.clientFault(ticket, authenticator) ?? { kind: 'opened', ticket, sessionKey, authenticator };
  }

  private keysFor(request: ApReq, service: string): { readonly kind: 'found'; readonly keys: readonly KerberosKey[] } | Refused {
    const { service: asked, ticket } = request;
    const name = principalText(asked);
    if (request.usesSessionKey) return refusals.userToUser();
    if (!sameService(asked.components.slice(0, 1), [service])) return refusals.otherService(name, service);
    const weak = this.weakFault('ticket', ticket.enctype);
    if (weak !== undefined) return weak;
    const search = this.options.keytab().find(asked, ticket.enctype, ticket.version);
    if (search.kind === 'found') return search;
    if (search.kind === 'principal') return refusals.unknownService(name);
    return search.kind === 'version'
      ? refusals.otherVersion(name, ticket.version, search.present)
      : refusals.otherEnctype(name, enctypeName(ticket.enctype), search.present);
  }

  private weakFault(what: string, enctype: number): Refused | undefined {
    return this.options.enctypes.has(enctype) ? undefined : refusals.weak(what, enctypeName(enctype));
  }

  private clientFault(ticket: TicketPart, authenticator: Authenticator): Refused | undefined {
    const [inTicket, inAuthenticator] = [principalText(ticket.client), principalText(authenticator.client)];
    if (inTicket !== inAuthenticator) return refusals.mismatch(inTicket, inAuthenticator);
    return authenticator.subkey === undefined ? undefined : this.weakFault("client's subkey", authenticator.subkey.enctype);
  }

  /** The authenticator first: a clock that is wrong makes good tickets look expired. */
  private timeFault(ticket: TicketPart, { time }: Authenticator, now: number): Refused | undefined {
    const { skewMs } = this.options;
    if (Math.abs(time - now) > skewMs) return refusals.skew(ticket.client, time - now, skewMs);
    if (ticket.invalid || ticket.startsAt > now + skewMs) return refusals.notYetValid(ticket.client, ticket.startsAt);
    if (ticket.endsAt <= now - skewMs) return refusals.expired(ticket.client, ticket.endsAt);
    return ticket.transited && !ticket.transitedChecked ? refusals.transited(ticket.client) : undefined;
  }

  private replayFault(request: ApReq, { client }: TicketPart, now: number): Refused | undefined {
    const verdict = this.options.replays.use(request.authenticator.cipher, principalText(client), now);
    if (verdict === 'new') return undefined;
    return verdict === 'replayed' ? refusals.replayed(client) : refusals.busy(client);
  }
}

function decryptWithOne(keys: readonly KerberosKey[], cipher: Buffer): Buffer | undefined {
  for (const key of keys) {
    const plain = key.for(KEY_USAGE.ticket).decrypt(cipher);
    if (plain !== undefined) return plain;
  }
  return undefined;
}
