/** What discovery answers. Decisions only; HTTP is elsewhere. [MS-OCDISCWS] section 4 */
import type { Transport } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import type { Origin } from '@parley/plugin-web/api';
import type { AutodiscoverConfig } from './config.ts';
import type { DiscoveryDocument, Link, SipAccess } from './document.ts';
import { AutodiscoverErrors } from './errors.ts';
import { addressQuery } from './sip-uri.ts';
import type { QueriedAddress } from './sip-uri.ts';

/** Path of the service; clients differ in its case. */
export const ROOT_PATH = '/Autodiscover/AutodiscoverService.svc/root';
/** Says in our own redirects that one has happened: who comes with it is redirected no more, whatever the servers believe of each other. */
const HOP = 'redirected=1';

/** One question. */
export interface Asked {
  readonly origin: Origin;
  /** `https://uc.example.com`, as the client reaches this server. */
  readonly baseUrl: string;
  readonly queried: QueriedAddress | undefined;
  /** Path and query. */
  readonly url: string;
}

/** Names by which this server is reached. */
export interface OwnUrls {
  readonly internalUrl: string;
  readonly externalUrl: string;
}

export class Discovery {
  /** Throws AUTODISCOVER_LOOP when a redirect leads here. */
  constructor(
    private readonly config: AutodiscoverConfig,
    private readonly urls: OwnUrls,
    private readonly fqdn: string,
    private readonly transport: Pick<Transport, 'listeners'>,
  ) {
    for (const place of ['redirects', 'homes'] as const) {
      for (const [what, url] of Object.entries(config[place])) {
        if (this.isOwn(url)) throw AutodiscoverErrors.AUTODISCOVER_LOOP({ what, url, place }, { place: `${place}.${what}` });
      }
    }
  }

  /** R4: the same for everybody in a domain, so that nobody learns who exists. R3 for domains that are elsewhere. */
  root(asked: Asked): DiscoveryDocument {
    const elsewhere = asked.queried === undefined ? undefined : this.config.redirects[asked.queried.domain];
    if (elsewhere !== undefined && !hasHopped(asked)) return redirect(asked.origin, 'Root', away(elsewhere, asked.queried));
    const root = asked.baseUrl + ROOT_PATH;
    const links: Link[] = [
      { token: 'Domain', href: `${root}/domain` },
      { token: 'User', href: `${root}/user${queryOf(asked.queried)}` },
      { token: 'Self', href: root },
    ];
    return { origin: asked.origin, kind: 'Root', access: [], links };
  }

  /** R2: without TLS there is only the way to it. */
  plain(asked: Asked): DiscoveryDocument {
    return redirect(asked.origin, 'Root', asked.baseUrl + ROOT_PATH + queryOf(asked.queried));
  }

  /** R8 to R10. undefined: nothing is known of where the user is at home. */
  user(asked: Asked, user: User): DiscoveryDocument | undefined {
    const { homeServer } = user;
    if (homeServer !== null && homeServer.toLowerCase() !== this.fqdn) {
      const elsewhere = this.config.homes[homeServer] ?? `https://${homeServer}${ROOT_PATH}`;
      // A Root, never a User: there the client could not answer the challenge for a ticket.
      const isDeadEnd = hasHopped(asked) || this.isOwn(elsewhere);
      return isDeadEnd ? undefined : redirect(asked.origin, 'User', away(elsewhere, { address: user.aor, domain: '' }));
    }
    const access = this.access();
    if (access.length === 0) return undefined;
    return {
      origin: asked.origin,
      kind: 'User',
      access,
      links: [...this.rootLinks(), { token: 'Self', href: asked.baseUrl + ROOT_PATH + '/user' }],
    };
  }

  /** R13: always there; says what DNS says as well. */
  domain(asked: Asked): DiscoveryDocument {
    return { origin: asked.origin, kind: 'Domain', access: this.access(), links: this.rootLinks() };
  }

  /** Where clients connect; the same for both sides unless the configuration says otherwise. Empty when there is no TLS listener. */
  access(): readonly (readonly [string, SipAccess])[] {
    const inside = this.internalAccess();
    const outside = asAccess(this.config.external) ?? inside;
    if (inside === undefined || outside === undefined) return [];
    return [
      ['SipServerInternalAccess', inside],
      ['SipClientInternalAccess', inside],
      ['SipServerExternalAccess', outside],
      ['SipClientExternalAccess', outside],
    ];
  }

  private internalAccess(): SipAccess | undefined {
    const configured = asAccess(this.config.internal);
    if (configured !== undefined) return configured;
    const listener = this.transport.listeners.find(({ transport }) => transport === 'TLS');
    return listener === undefined ? asAccess(this.config.external) : asAccess(listener.advertised);
  }

  private rootLinks(): readonly Link[] {
    return [
      { token: 'Internal/Autodiscover', href: this.urls.internalUrl + ROOT_PATH },
      { token: 'External/Autodiscover', href: this.urls.externalUrl + ROOT_PATH },
    ];
  }

  private isOwn(url: string): boolean {
    const { origin } = new URL(url);
    return [this.urls.internalUrl, this.urls.externalUrl].some((own) => new URL(own).origin === origin);
  }
}

function asAccess(address: { readonly host: string; readonly port: number } | undefined): SipAccess | undefined {
  return address === undefined ? undefined : { fqdn: address.host, port: address.port };
}

function redirect(origin: Origin, kind: 'Root' | 'User', href: string): DiscoveryDocument {
  return { origin, kind, access: [], links: [{ token: 'Redirect', href }] };
}

function away(url: string, queried: QueriedAddress | undefined): string {
  const parameters = queried === undefined ? HOP : `${addressQuery(queried)}&${HOP}`;
  return `${url}${url.includes('?') ? '&' : '?'}${parameters}`;
}

function queryOf(queried: QueriedAddress | undefined): string {
  return queried === undefined ? '' : `?${addressQuery(queried)}`;
}

function hasHopped({ url }: Asked): boolean {
  return url.includes(HOP);
}
