/** Requests that an application sends of its own. They leave as what the server itself sends does: past the scripts that ask to see such. */
import { SipUri, decodeText } from '@parley/sdk';
import type { Clock, Dialogs, Endpoints, NewRequest, Server, SipResponse } from '@parley/sdk';
import type { SendFrame } from './application-frames.ts';
import type { ApplicationConfig } from './config.ts';
import { ExternalErrors as E } from './errors.ts';
import { PerSecond } from './per-second.ts';
import type { SeenDialogs } from './seen-dialogs.ts';
import type { Link } from './session-parts.ts';
import { addressOf, headerOf, requestUri, wireResponse } from './wire-message.ts';

/** What applications share for it. */
export interface Outside {
  readonly dialogs: Pick<Dialogs, 'request' | 'contact'>;
  readonly endpoints: Pick<Endpoints, 'endpoints' | 'byContact' | 'aorOf'>;
  readonly server: Pick<Server, 'fqdn' | 'domains' | 'isLocalDomain'>;
}

/** Methods that begin a dialog, have no answer, or belong to a transaction of another request. */
const REFUSED: ReadonlySet<string> = new Set('INVITE ACK CANCEL PRACK UPDATE SUBSCRIBE REFER REGISTER BENOTIFY'.split(' '));

type Way = Pick<NewRequest, 'uri' | 'from'> & Partial<NewRequest>;

export class OwnRequests {
  private readonly open = new Set<number>();
  private readonly rate: PerSecond;

  /** @param limits undefined: it may send none */
  constructor(
    private readonly name: string,
    private readonly limits: ApplicationConfig['requests'],
    private readonly link: Link,
    private readonly seen: SeenDialogs,
    private readonly outside: Outside,
    private readonly clock: Clock,
  ) {
    this.rate = new PerSecond(limits?.perSecond ?? 0);
  }

  /** Requests whose answer is not there yet. */
  get size(): number {
    return this.open.size;
  }

  /** Sends it; the answer goes to the application in a frame. Throws EXTERNAL_REQUEST, EXTERNAL_REQUESTS_TOO_MANY, EXTERNAL_CHANGE. */
  send(frame: SendFrame): void {
    const { request, method } = frame;
    if (this.open.has(request)) throw E.EXTERNAL_REQUEST({ problem: `the number ${request} is in use` });
    if (REFUSED.has(method)) throw E.EXTERNAL_REQUEST({ problem: `${method} cannot be sent on its own` });
    const content = {
      headers: (frame.headers ?? []).map(headerOf),
      ...(frame.body === undefined ? {} : { body: Buffer.from(frame.body, 'base64') }),
      ...(frame.contentType === undefined ? {} : { contentType: frame.contentType }),
    };
    this.demandRoom();
    const ways = this.ways(frame);
    this.open.add(request);
    const best = new BestAnswer(ways.length, (answer) => this.answered(request, answer));
    for (const way of ways) this.outside.dialogs.request(method, { ...way, ...content }, (answer) => best.take(answer));
  }

  /** The process is gone: what is on its way ends by itself, and its answers go nowhere. */
  end(): void {
    this.open.clear();
  }

  private demandRoom(): void {
    const { name, limits } = this;
    if (limits === undefined) throw E.EXTERNAL_REQUEST({ problem: `the configuration does not let ${name} send requests of its own` });
    if (this.open.size >= limits.outstanding) throw E.EXTERNAL_REQUESTS_TOO_MANY({ limit: `${limits.outstanding} without an answer` });
    if (!this.rate.take(this.clock.now())) throw E.EXTERNAL_REQUESTS_TOO_MANY({ limit: `${limits.perSecond} within a second` });
  }

  private answered(request: number, answer: SipResponse | undefined): void {
    if (!this.open.delete(request)) return;
    if (answer === undefined)
      this.link.send({ type: 'answer', request, message: { status: 480, reason: 'Temporarily Unavailable', headers: [] } });
    else this.link.send({ type: 'answer', request, message: wireResponse(answer, true) });
  }

  /** Where it goes: inside a dialog, to the endpoints of a user of ours, or where a URI says. */
  private ways({ uri, from, to, within }: SendFrame): readonly Way[] {
    if (within !== undefined) {
      if (uri !== undefined || from !== undefined || to !== undefined)
        throw E.EXTERNAL_REQUEST({ problem: 'inside a dialog uri, from and to are those of the dialog' });
      const addressed = this.seen.address(within.transaction, within.side);
      if (addressed === undefined)
        throw E.EXTERNAL_REQUEST({ problem: `no dialog is known that began with transaction ${within.transaction}` });
      return [addressed];
    }
    if (uri === undefined) throw E.EXTERNAL_REQUEST({ problem: 'it says neither a uri nor a dialog' });
    const target = requestUri(uri);
    const parties = { from: this.fromOf(from), to: to === undefined ? `<${target}>` : addressOf(to).toString() };
    return this.endpointsOf(target).map((way) => ({ ...way, ...parties }));
  }

  private endpointsOf(target: string): readonly Pick<NewRequest, 'uri' | 'routes' | 'flow'>[] {
    const { endpoints, server } = this.outside;
    const text = decodeText(target);
    const named = endpoints.byContact(text);
    const parsed = SipUri.parse(target);
    const aor = endpoints.aorOf(text) ?? `${parsed.user ?? ''}@${parsed.host}`.toLowerCase();
    const found = named === undefined ? endpoints.endpoints(aor) : [named];
    const isOurs = found.length > 0 || server.isLocalDomain(parsed.host);
    if (!isOurs) return [{ uri: target }];
    return found
      .filter(({ reachable }) => reachable)
      .map(({ contact, path, flow }) => ({ uri: contact, routes: path, ...(flow === undefined ? {} : { flow }) }));
  }

  /** An application speaks for domains of this server only. */
  private fromOf(from: string | undefined): string {
    const { server } = this.outside;
    if (from === undefined) return `<sip:${this.name}@${server.domains[0] ?? server.fqdn}>`;
    const address = addressOf(from);
    if (!server.isLocalDomain(address.uri.host) && address.uri.host.toLowerCase() !== server.fqdn)
      throw E.EXTERNAL_REQUEST({ problem: `from names ${address.uri.host.slice(0, 100)}, which is no domain of this server` });
    return address.toString();
  }
}

/** Of the answers of several endpoints: the first success, or a refusal by all of the user; else the lowest when all have answered. */
class BestAnswer {
  private best: SipResponse | undefined;
  private done = false;

  constructor(
    private waiting: number,
    private readonly tell: (answer: SipResponse | undefined) => void,
  ) {
    if (waiting === 0) this.end();
  }

  take(answer: SipResponse): void {
    if (this.done) return;
    this.waiting--;
    const isLast = answer.status < 300 || answer.status >= 600;
    if (isLast || this.best === undefined || answer.status < this.best.status) this.best = answer;
    if (isLast || this.waiting === 0) this.end();
  }

  private end(): void {
    this.done = true;
    this.tell(this.best);
  }
}
