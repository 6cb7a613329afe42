/** Answers clients that ask how they are provisioned. [MS-SIPREGE] R9 to R11, sheet sections 4 and 5. */
import {
  DIAGNOSTIC_IDS,
  Dialogs,
  H,
  ParleyError,
  PluginConfig,
  Server,
  decodeText,
  diagnosticHeaders,
  inject,
  injectable,
} from '@parley/sdk';
import type { Content, Notifier, RequestContext } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import type { ProvisioningContext } from './api.ts';
import type { ProvisioningConfig } from './config.ts';
import { LEGACY_TYPE, legacyDocument, provisioningDocument } from './document.ts';
import { ProvisioningErrors } from './errors.ts';
import { ProvisioningService } from './provisioning.ts';
import { PROVISIONING_TYPE, readWantedGroups } from './read-request.ts';
import { Watchers } from './watchers.ts';
import type { Watcher } from './watchers.ts';

/** OCS 2007 and later. */
export const PACKAGE = 'vnd-microsoft-provisioning-v2';
/** LCS 2005. */
export const LEGACY_PACKAGE = 'vnd-microsoft-provisioning';

/** What the handler uses of a request. */
export type ProvisioningRequest = Pick<RequestContext, 'request' | 'transaction' | 'identity' | 'respond' | 'proxy'>;

const ERROR_IDS: Readonly<Record<string, number>> = {
  PROVISIONING_NOT_YOURS: DIAGNOSTIC_IDS.identityForbidden,
  PROVISIONING_USER_UNKNOWN: DIAGNOSTIC_IDS.userUnknown,
  PROVISIONING_USER_DISABLED: DIAGNOSTIC_IDS.userDisabled,
  PROVISIONING_CONTENT_TYPE: DIAGNOSTIC_IDS.contentTypeUnexpected,
  PROVISIONING_TOO_LARGE: DIAGNOSTIC_IDS.inputTooLarge,
  PROVISIONING_MALFORMED: DIAGNOSTIC_IDS.xmlMalformed,
};

/** The handler of routes.am. */
@injectable()
export class ProvisioningHandler {
  /** Requests by what became of them, for the metrics. */
  readonly counts = { answered: 0, legacy: 0, refused: 0 };

  constructor(
    @inject(ProvisioningService) private readonly service: ProvisioningService,
    @inject(Watchers) private readonly watchers: Watchers,
    @inject(Dialogs) private readonly dialogs: Pick<Dialogs, 'notifier'>,
    @inject(Directory) private readonly directory: Pick<Directory, 'findByAor' | 'findById'>,
    @inject(Server) private readonly server: Pick<Server, 'fqdn'>,
    @inject(PluginConfig) private readonly config: Pick<ProvisioningConfig, 'lineServer' | 'subscriptionSeconds' | 'requireAuthentication'>,
  ) {}

  onProvisioning(tx: ProvisioningRequest): void {
    const event = (tx.request.first(H.Event) ?? '').split(';', 1)[0]?.trim().toLowerCase();
    try {
      if (event === PACKAGE) this.serve(tx, this.subscriber(tx));
      else if (event === LEGACY_PACKAGE) this.serveLegacy(tx, this.subscriber(tx));
      else tx.proxy();
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      this.refuse(tx, error);
    }
  }

  /** Whose settings are asked for: everybody's own and nobody else's ([MS-SIPREGE] R10). */
  private subscriber({ request, identity }: ProvisioningRequest): User {
    const aor = decodeText(request.requestUri.userAtHost).toLowerCase();
    if (identity === undefined && this.config.requireAuthentication) throw ProvisioningErrors.PROVISIONING_NOT_AUTHENTICATED();
    const who = identity?.aor ?? decodeText(request.from.uri.userAtHost).toLowerCase();
    if (who !== aor) throw ProvisioningErrors.PROVISIONING_NOT_YOURS({ who, aor });
    const user = this.directory.findByAor(aor);
    if (user === undefined) throw ProvisioningErrors.PROVISIONING_USER_UNKNOWN({ aor });
    if (!user.enabled) throw ProvisioningErrors.PROVISIONING_USER_DISABLED({ aor });
    return user;
  }

  private serve(tx: ProvisioningRequest, user: User): void {
    const { request } = tx;
    const { groups, subnet } = readWantedGroups(request);
    const context: ProvisioningContext = { subnet, userAgent: request.first(H.UserAgent) ?? '' };
    let notifier: Notifier | undefined;
    const watcher: Watcher = {
      aor: user.aor,
      document: () => {
        // The directory's objects are snapshots: groups may be others by now.
        const present = this.directory.findById(user.id) ?? user;
        return provisioningDocument(groups.map((group) => this.service.filled(present, group, context)));
      },
      tell: (document) => notifier?.notify(contentOf(document)),
    };
    let first = '';
    notifier = this.dialogs.notifier(
      tx,
      { expires: this.config.subscriptionSeconds },
      {
        current: () => {
          first = watcher.document();
          this.watchers.knows(watcher, first);
          return contentOf(first);
        },
        onEnded: () => this.watchers.remove(watcher),
      },
    );
    if (notifier.remaining > 0) this.watchers.add(watcher, first);
    this.counts.answered++;
  }

  private serveLegacy(tx: ProvisioningRequest, user: User): void {
    const current = (): Content => {
      const present = this.directory.findById(user.id) ?? user;
      return { body: legacyDocument(present, this.config.lineServer), contentType: LEGACY_TYPE };
    };
    this.dialogs.notifier(tx, { expires: this.config.subscriptionSeconds }, { current });
    this.counts.legacy++;
  }

  private refuse(tx: ProvisioningRequest, error: ParleyError): void {
    this.counts.refused++;
    const headers = diagnosticHeaders(error, ERROR_IDS[error.code] ?? DIAGNOSTIC_IDS.expectedFailure, this.server.fqdn);
    if (error.status === 415) headers['Accept'] = PROVISIONING_TYPE;
    tx.respond(error.status ?? 500, headers);
  }
}

function contentOf(document: string): Content {
  return { body: document, contentType: PROVISIONING_TYPE };
}
