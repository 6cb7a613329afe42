/** Who a request is for and who sent it, as scripts see them. Sheet mspl 4.6. */
import { H, NameAddr, SipUri, decodeText } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { ChainedApplication } from './chain-index.ts';
import type { ExternalSource, ScriptEnvironment } from './run.ts';

const INSTANCE = /^"?<urn:uuid:([0-9a-f-]{36})>"?$/i;
const PHONE_USER = /^\+?[0-9.()-]+$/;

/** MSPL's RequestTarget. */
export class RequestTarget {
  private readonly parsed: SipUri | undefined;

  constructor(
    /** The Request-URI as it stands. */
    readonly uri: string,
    private readonly environment: ScriptEnvironment,
  ) {
    this.parsed = parse(uri);
  }

  /** `user@host`; empty when the URI is none of a user. */
  get aor(): string {
    return this.parsed === undefined ? '' : decodeText(this.parsed.userAtHost);
  }

  /** The id of the endpoint that a GRUU names, else null. */
  get instance(): string | null {
    const opaque = this.parsed?.params.get('opaque');
    return typeof opaque === 'string' && opaque.startsWith('user:epid:') ? opaque.slice('user:epid:'.length) : null;
  }

  get isPhone(): boolean {
    return this.parsed !== undefined && isPhone(this.parsed);
  }

  get domainSupported(): boolean {
    return this.parsed !== undefined && this.parsed.host !== '' && this.environment.domainSupported(this.parsed.host);
  }
}

/** MSPL's RequestSource. */
export class RequestSource {
  /** @param external what an edge knows of the sender */
  constructor(
    private readonly request: SipRequest,
    private readonly external?: ExternalSource,
  ) {}

  get origin(): ExternalSource['origin'] {
    return this.external?.origin;
  }

  get externalType(): string | undefined {
    return this.external?.externalType;
  }

  get externalNetwork(): string | undefined {
    return this.external?.externalNetwork;
  }

  get aor(): string {
    return decodeText(this.request.from.uri.userAtHost);
  }

  get isPhone(): boolean {
    return isPhone(this.request.from.uri);
  }

  /** The UUID of the sending endpoint where its Contact carries one, else null. */
  get instance(): string | null {
    const contact = this.request.first(H.Contact);
    if (contact === undefined || contact === '*') return null;
    const instance = NameAddr.parse(contact).params.get('+sip.instance');
    return typeof instance === 'string' ? (INSTANCE.exec(instance)?.[1] ?? null) : null;
  }
}

/** Do the manifest's domainSupported and phoneUri let the application see a request to this target? */
export function passesTargetFilter({ compiled }: ChainedApplication, request: { readonly target: RequestTarget }): boolean {
  const { domainSupported, phoneUri } = compiled.manifest;
  if (domainSupported !== undefined && request.target.domainSupported !== domainSupported) return false;
  return phoneUri === undefined || request.target.isPhone === phoneUri;
}

/** A tel URI, or a SIP URI whose user part is a phone number (RFC 3261 section 19.1.1, user=phone). */
function isPhone(uri: SipUri): boolean {
  if (uri.scheme === 'tel') return true;
  return uri.params.get('user') === 'phone' && PHONE_USER.test(uri.user ?? '');
}

function parse(uri: string): SipUri | undefined {
  try {
    return SipUri.parse(uri);
  } catch {
    return undefined;
  }
}
