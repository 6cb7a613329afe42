/** The handler of subscribe.am, service.am and publish.am: answers, and says why not. */
import { Log, ParleyError, Server, inject, injectable } from '@parley/sdk';
import { contentTypeOf, eventOf, refuseUnknownExtensions } from './content-type.ts';
import { SERVED_TYPES, refusalHeaders } from './diagnostics.ts';
import { CONTENT_TYPES, versionFault } from './documents/index.ts';
import { PresenceErrors } from './errors.ts';
import { PlainPublishing } from './plain-publish.ts';
import { ConflictError } from './publish.ts';
import { targetOf } from './requester.ts';
import type { PresenceRequest } from './requester.ts';
import { PENDING_PACKAGE, SELF_PACKAGE, SelfSubscriptions } from './self-subscriptions.ts';
import { Services } from './services.ts';
import { SoapServices } from './soap-services.ts';
import { PRESENCE_PACKAGE, Subscriptions } from './subscriptions.ts';

/** Event packages, and who serves them. */
const SERVED_BY: Readonly<Record<string, 'selfSubscriptions' | 'subscriptions'>> = {
  [SELF_PACKAGE]: 'selfSubscriptions',
  [PENDING_PACKAGE]: 'selfSubscriptions',
  [PRESENCE_PACKAGE]: 'subscriptions',
};

@injectable()
export class PresenceHandler {
  /** Since the start, for the metrics. */
  readonly counts = { refused: 0, conflicts: 0 };

  constructor(
    @inject(SelfSubscriptions) private readonly selfSubscriptions: SelfSubscriptions,
    @inject(Subscriptions) private readonly subscriptions: Subscriptions,
    @inject(Services) private readonly services: Services,
    @inject(SoapServices) private readonly soap: SoapServices,
    @inject(PlainPublishing) private readonly plain: PlainPublishing,
    @inject(Server) private readonly server: Pick<Server, 'fqdn' | 'isLocalDomain'>,
    @inject(Log) private readonly log: Log,
  ) {}

  onSubscribe(tx: PresenceRequest): void {
    const event = eventOf(tx.request);
    const serving = SERVED_BY[event];
    // Who is at home elsewhere is asked there: a list has said so to the client.
    if (serving === undefined || !this.server.isLocalDomain(tx.request.requestUri.host)) {
      tx.proxy();
      return;
    }
    try {
      refuseUnknownExtensions(tx.request);
      this[serving].subscribe(tx);
    } catch (error) {
      this.refuse(tx, error);
    }
  }

  async onService(tx: PresenceRequest): Promise<void> {
    try {
      const asked = this.soap.read(tx);
      if (asked === undefined && !this.services.serves(tx)) {
        tx.proxy();
        return;
      }
      refuseUnknownExtensions(tx.request);
      if (asked === undefined) await this.services.serve(tx);
      else await this.soap.serve(tx, asked);
    } catch (error) {
      this.refuse(tx, error);
    }
  }

  async onPublish(tx: PresenceRequest): Promise<void> {
    try {
      refuseUnknownExtensions(tx.request);
      await this.plain.serve(tx);
    } catch (error) {
      this.refuse(tx, error);
    }
  }

  /** What the user's own address is asked and nobody before has taken. What goes to a service (`opaque=app:...`) is not for us. */
  onUnknownService(tx: PresenceRequest): void {
    const { requestUri } = tx.request;
    const forSelf = requestUri.user !== undefined && !requestUri.params.has('opaque') && targetOf(tx) === tx.identity?.aor;
    if (!forSelf) {
      tx.proxy();
      return;
    }
    const type = contentTypeOf(tx.request);
    this.refuse(
      tx,
      PresenceErrors.PRESENCE_CONTENT_TYPE({ found: type === '' ? 'of no type' : type.slice(0, 60), expected: SERVED_TYPES }),
    );
  }

  private refuse(tx: PresenceRequest, error: unknown): void {
    if (!(error instanceof ParleyError)) throw error;
    const headers = refusalHeaders(error, tx.request, this.server.fqdn);
    if (error instanceof ConflictError) {
      this.counts.conflicts++;
      tx.respond(409, headers, { body: versionFault(error.conflicts), contentType: CONTENT_TYPES.fault });
      return;
    }
    this.counts.refused++;
    this.log.debug({ err: error, from: tx.identity?.aor }, 'presence: refused');
    tx.respond(error.status ?? 500, headers);
  }
}
