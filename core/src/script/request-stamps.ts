/**
 * What applications have stamped on a request. Sheet mspl 4.6, MSPL R47. Between servers each stamp travels as one header
 *
 *     ms-application-via: <stamp>;ms-server=<fqdn>;ms-pool=<pool>;ms-application=<appUri>
 *
 * with stamp and appUri percent-encoded. The sheet does not know the original's form; this one is our choice. Stamps are believed of
 * servers only (dropForeignStamps) and sent to servers only (proxy/branch.ts).
 */
import { H } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Inbound } from '../transport/index.ts';
import type { ScriptStamps } from './run.ts';

/** Characters of one stamp. */
export const STAMP_LIMIT = 1_024;
/** Stamps of all applications on one request; those behind are not read. */
export const STAMPS_LIMIT = 20;

/** One stamp and where it was set. */
export interface ApplicationStamp {
  readonly stamp: string;
  /** FQDN. */
  readonly server: string;
  readonly pool: string;
}

/** The stamps that a request carries; they live in its headers, so copies of the request have them too. */
export class RequestStamps implements ScriptStamps {
  constructor(
    private readonly request: SipRequest,
    private readonly here: { readonly fqdn: string; readonly pool: string },
  ) {}

  read(appUri: string): ApplicationStamp | undefined {
    return this.all(appUri)[0];
  }

  /** Every stamp of an application, the first set first. */
  all(appUri: string): ApplicationStamp[] {
    const values = this.request.all(H.MSApplicationVia).slice(0, STAMPS_LIMIT);
    return values.flatMap((value) => {
      const found = parse(value);
      return found?.application === appUri ? [found] : [];
    });
  }

  add(appUri: string, stamp: string): boolean {
    if (stamp.length > STAMP_LIMIT || this.request.count(H.MSApplicationVia) >= STAMPS_LIMIT) return false;
    const { fqdn, pool } = this.here;
    this.request.append(H.MSApplicationVia, `${encode(stamp)};ms-server=${fqdn};ms-pool=${pool};ms-application=${encode(appUri)}`);
    return true;
  }
}

/** Removes the stamps of a request that did not come from a server: anyone can write a header. */
export function dropForeignStamps(request: SipRequest, { flow, identity }: Pick<Inbound, 'flow' | 'identity'>): void {
  if (request.has(H.MSApplicationVia) && !flow.trusted && identity?.trusted !== true) request.remove(H.MSApplicationVia);
}

function encode(text: string): string {
  // Half a surrogate pair has no percent-encoding.
  return encodeURIComponent(text.toWellFormed());
}

/** Undefined for a value that is no stamp. */
function parse(value: string): (ApplicationStamp & { readonly application: string }) | undefined {
  const [stamp = '', ...parameters] = value.split(';');
  const named = new Map(parameters.map((parameter) => splitOnce(parameter)));
  const application = named.get('ms-application');
  if (application === undefined) return undefined;
  try {
    const server = named.get('ms-server') ?? '';
    return {
      stamp: decodeURIComponent(stamp.trim()),
      server,
      pool: named.get('ms-pool') ?? server,
      application: decodeURIComponent(application),
    };
  } catch {
    return undefined;
  }
}

function splitOnce(parameter: string): readonly [name: string, value: string] {
  const at = parameter.indexOf('=');
  return at < 0 ? [parameter.trim().toLowerCase(), ''] : [parameter.slice(0, at).trim().toLowerCase(), parameter.slice(at + 1).trim()];
}
