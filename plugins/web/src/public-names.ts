/** How clients reach this host, and from which side a request came. */
import { isIP } from 'node:net';
import type { BlockList } from 'node:net';
import type { Origin, WebRequest } from './api.ts';
import type { WebConfig } from './config.ts';
import { contains, plainAddress } from './networks.ts';

const HTTPS_PORT = 443;
const MAX_FORWARDED = 1_024;
/** Clients outside look for this name; those inside for lyncdiscoverinternal first. [MS-OCDISCWS] section 2 */
const EXTERNAL_DISCOVERY = /^lyncdiscover\./i;

/** Names and addresses of requests. Pure but for what it is made with. */
export class PublicNames {
  readonly internalUrl: string;
  readonly externalUrl: string;
  /** Host of externalUrl when it is not the internal one; lower case. */
  private readonly externalHost: string | undefined;

  /**
   * @param fqdn the server's name
   * @param port that the host listens on
   * @param proxies whose word counts
   */
  constructor(
    config: Pick<WebConfig, 'internalUrl' | 'externalUrl'>,
    fqdn: string,
    port: number,
    private readonly proxies: BlockList,
  ) {
    const host = fqdn.includes(':') ? `[${fqdn}]` : fqdn;
    this.internalUrl = config.internalUrl?.toLowerCase() ?? (port === HTTPS_PORT ? `https://${host}` : `https://${host}:${port}`);
    this.externalUrl = config.externalUrl?.toLowerCase() ?? this.internalUrl;
    const [inside, outside] = [this.internalUrl, this.externalUrl].map((url) => new URL(url).hostname);
    this.externalHost = inside === outside ? undefined : outside;
  }

  /** [MS-OCDISCWS] R6: through a reverse proxy, or by a name that is for those outside. */
  originOf(request: WebRequest): Origin {
    if (this.cameThroughProxy(request)) return 'external';
    const host = hostOf(request);
    return host === this.externalHost || EXTERNAL_DISCOVERY.test(host) ? 'external' : 'internal';
  }

  urlFor(request: WebRequest): string {
    return this.originOf(request) === 'external' ? this.externalUrl : this.internalUrl;
  }

  cameThroughProxy(request: WebRequest): boolean {
    return contains(this.proxies, plainAddress(request.raw.socket.remoteAddress));
  }

  /** The socket's address, or the last one in X-Forwarded-For that is no proxy of ours: those before it are anybody's word. */
  addressOf(request: WebRequest): string {
    const direct = plainAddress(request.raw.socket.remoteAddress);
    if (!contains(this.proxies, direct)) return direct;
    const forwarded = String(request.headers['x-forwarded-for'] ?? '').slice(-MAX_FORWARDED);
    const addresses = forwarded.split(',').map((part) => plainAddress(part.trim()));
    return addresses.findLast((address) => isIP(address) !== 0 && !contains(this.proxies, address)) ?? direct;
  }
}

/** The name in the Host header, without its port, lower case. */
function hostOf(request: WebRequest): string {
  return (request.headers.host ?? '').replace(/:\d{1,5}$/, '').toLowerCase();
}
