/** Serves clients their contacts: subscriptions, changes, search. [MS-SIPREGE] R12 to R14, [MS-PRES] R2 and R27 to R32, [MS-ABWQ] R13 and R14. */
import {
  Clock,
  DIAGNOSTIC_IDS,
  H,
  Log,
  ParleyError,
  PluginConfig,
  PresenceAccess,
  Server,
  decodeText,
  diagnosticHeaders,
  inject,
  injectable,
} from '@parley/sdk';
import type { RequestContext } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import type { ContactsConfig } from './config.ts';
import { ContactLists } from './contact-lists.ts';
import { ACL_PACKAGE, CONTACTS_PACKAGE } from './document.ts';
import { ContactsErrors } from './errors.ts';
import { OPERATIONS, accessEntry, clientDeltaNum } from './operations.ts';
import { Roaming } from './roaming.ts';
import type { RoamingPart } from './roaming.ts';
import { readSearch, searchAnswer, searchPeople } from './search.ts';
import { SearchLimit } from './search-limit.ts';
import { SIP_NAMESPACE, SOAP_TYPE, readSoap, soapAnswer, soapRefusal } from './soap.ts';
import type { SoapRequest } from './soap.ts';

/** What the handler uses of a request. */
export type ContactsRequest = Pick<RequestContext, 'request' | 'transaction' | 'identity' | 'flow' | 'respond' | 'proxy'>;

const SEARCH = 'directorySearch';
const ACCESS = 'setACE';
/** Seconds after which a client that searches too often may try again. */
const RETRY_AFTER_SECONDS = 60;

const ERROR_IDS: Readonly<Record<string, number>> = {
  CONTACTS_NOT_YOURS: DIAGNOSTIC_IDS.identityForbidden,
  CONTACTS_USER_UNKNOWN: DIAGNOSTIC_IDS.userUnknown,
  CONTACTS_USER_DISABLED: DIAGNOSTIC_IDS.userDisabled,
  CONTACTS_TOO_LARGE: DIAGNOSTIC_IDS.inputTooLarge,
  CONTACTS_MALFORMED: DIAGNOSTIC_IDS.xmlMalformed,
  CONTACTS_SEARCHES_LIMIT: DIAGNOSTIC_IDS.serviceUnavailable,
};

/** The handler of subscriptions.am and services.am. */
@injectable()
export class ContactsHandler {
  /** Requests by what became of them, for the metrics. */
  readonly counts = { subscribed: 0, changed: 0, stale: 0, searched: 0, refused: 0 };
  private readonly searches: SearchLimit;

  constructor(
    @inject(ContactLists) private readonly lists: Pick<ContactLists, 'change'>,
    @inject(Roaming) private readonly roaming: Pick<Roaming, 'subscribe'>,
    @inject(Directory) private readonly directory: Pick<Directory, 'findByAor' | 'list'>,
    @inject(Server) private readonly server: Pick<Server, 'fqdn'>,
    @inject(Clock) private readonly clock: Pick<Clock, 'now'>,
    @inject(PluginConfig) private readonly config: Pick<ContactsConfig, 'requireAuthentication' | 'search'>,
    @inject(Log) private readonly log: Pick<Log, 'debug'>,
    @inject(PresenceAccess, { optional: true }) private readonly access?: PresenceAccess,
  ) {
    this.searches = new SearchLimit(config.search.perMinute);
  }

  /** A SUBSCRIBE to one's own contact list or access list. Those to other packages pass on. */
  async onSubscribe(tx: ContactsRequest): Promise<void> {
    const event = (tx.request.first(H.Event) ?? '').split(';', 1)[0]?.trim().toLowerCase();
    const part = event === undefined ? undefined : PARTS[event];
    if (part === undefined) {
      tx.proxy();
      return;
    }
    await this.answering(tx, '', async () => {
      await this.roaming.subscribe(tx, this.owner(tx).id, part);
      this.counts.subscribed++;
    });
  }

  /** A SERVICE with SOAP. Operations that are not about contacts pass on. */
  async onService(tx: ContactsRequest): Promise<void> {
    await this.answering(tx, SOAP_TYPE, async () => {
      const request = readSoap(tx.request.body);
      const { local, namespace } = request.operation;
      if (namespace === SIP_NAMESPACE && local === SEARCH) this.search(tx, request);
      else if (namespace === SIP_NAMESPACE && Object.hasOwn(OPERATIONS, local)) await this.change(tx, request);
      else tx.proxy();
    });
  }

  private async change(tx: ContactsRequest, { operation }: SoapRequest): Promise<void> {
    const owner = this.owner(tx);
    const edit = OPERATIONS[operation.local]?.(operation);
    if (edit === undefined) return;
    const believed = clientDeltaNum(operation);
    const isAccess = operation.local === ACCESS;
    await this.lists.change(owner, edit, (result, { before }) => {
      // Before the notifications: a client knows a new group by the answer before it is told that there is one.
      if (result !== undefined) tx.respond(200, {}, { body: soapAnswer(result), contentType: SOAP_TYPE });
      else if (!isAccess) tx.respond(200);
      this.counts.changed++;
      const real = isAccess ? before.access.deltaNum : before.deltaNum;
      if (believed === real) return;
      // Clients count on by themselves and are put right by the notification; refusing them would lose what the user has done.
      this.counts.stale++;
      this.log.debug({ user: owner.aor, operation: operation.local, believed, real }, 'a client changed a list by an older number');
    });
    if (!isAccess) return;
    // Answered when both are stored; a client that gets no answer, or 503, sends it again.
    await this.access?.apply(owner.aor, accessEntry(operation));
    tx.respond(200);
  }

  private search(tx: ContactsRequest, request: SoapRequest): void {
    const who = this.sender(tx);
    const { perMinute, maxResults } = this.config.search;
    if (!this.searches.admit(who, this.clock.now())) throw ContactsErrors.CONTACTS_SEARCHES_LIMIT({ who, limit: perMinute });
    this.enabled(who);
    const found = searchPeople(this.directory, readSearch(request, maxResults));
    tx.respond(200, {}, { body: soapAnswer(...searchAnswer(found)), contentType: SOAP_TYPE });
    this.counts.searched++;
  }

  /** Whose list is meant: everybody's own and nobody else's ([MS-PRES] R2). */
  private owner(tx: ContactsRequest): User {
    const aor = decodeText(tx.request.requestUri.userAtHost).toLowerCase();
    const who = this.sender(tx);
    if (who !== aor) throw ContactsErrors.CONTACTS_NOT_YOURS({ who, aor });
    return this.enabled(aor);
  }

  private sender({ request, identity }: ContactsRequest): string {
    if (identity === undefined && this.config.requireAuthentication) throw ContactsErrors.CONTACTS_NOT_AUTHENTICATED();
    return identity?.aor ?? decodeText(request.from.uri.userAtHost).toLowerCase();
  }

  private enabled(aor: string): User {
    const user = this.directory.findByAor(aor);
    if (user === undefined) throw ContactsErrors.CONTACTS_USER_UNKNOWN({ aor });
    if (!user.enabled) throw ContactsErrors.CONTACTS_USER_DISABLED({ aor });
    return user;
  }

  /** Runs what answers a request; errors that have a status become the answer. */
  private async answering(tx: ContactsRequest, contentType: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ParleyError) || error.status === undefined) throw error;
      this.counts.refused++;
      const headers = diagnosticHeaders(error, ERROR_IDS[error.code] ?? DIAGNOSTIC_IDS.expectedFailure, this.server.fqdn);
      if (error.status === 503) headers['Retry-After'] = String(RETRY_AFTER_SECONDS);
      tx.respond(error.status, headers, contentType === '' ? {} : { body: soapRefusal(error), contentType });
    }
  }
}

const PARTS: Readonly<Record<string, RoamingPart>> = {
  [CONTACTS_PACKAGE.toLowerCase()]: 'contacts',
  [ACL_PACKAGE.toLowerCase()]: 'access',
};
