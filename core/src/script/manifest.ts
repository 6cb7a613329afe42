/** What an application manifest says besides its script. Sheet mspl 3.1. */
import type { Delimiter } from './flat-file-rows.ts';

/** Which rules apply: those of 2003 give "" where later versions give null. */
export type ManifestEdition = '2003' | '2004' | '2006';

/** A server role that a manifest may name. */
export type ServerRoleName = 'HomeServer' | 'FrontEnd' | 'AccessProxy' | 'Proxy';

/** The methods that a requestFilter can name. `OTHER` is any method but these. */
export const FILTER_METHODS: readonly string[] =
  'ACK BENOTIFY BYE INFO INVITE MESSAGE NOTIFY OPTIONS OTHER REFER REGISTER SERVICE SUBSCRIBE'.split(' ');

const NAMED_METHODS: ReadonlySet<string> = new Set(FILTER_METHODS);

/** A `file` element. */
export interface FlatFileDeclaration {
  /** What scripts call it. */
  readonly name: string;
  /** As written; relative to the manifest. */
  readonly path: string;
  /** In the order of the file's fields. */
  readonly columns: readonly string[];
  /** The column whose values are keys; undefined: rows go by number only. */
  readonly keyColumn: string | undefined;
  readonly ignoreCase: boolean;
  readonly delimitedBy: Delimiter;
  /** Read once only. */
  readonly static: boolean;
  /** Offset of the element in the manifest. */
  readonly start: number;
}

/** The manifest's statements as data; absent ones have their defaults. */
export interface ManifestData {
  readonly appUri: string;
  readonly edition: ManifestEdition;
  readonly allowRegistrationBeforeUserServices: boolean;
  /** Server roles that it may run on. */
  readonly roles: ReadonlySet<ServerRoleName> | 'ALL';
  /** Members of FILTER_METHODS. */
  readonly methods: ReadonlySet<string> | 'ALL' | 'NONE';
  /** Also requests that the server itself makes. */
  readonly registrarGenerated: boolean;
  /** Also requests that follow a route set. */
  readonly strictRoute: boolean;
  /** Only requests to domains that are served here, or only those that are not. */
  readonly domainSupported: boolean | undefined;
  /** Only requests to phone numbers, or only those that are not. */
  readonly phoneUri: boolean | undefined;
  /** First digits of status codes. */
  readonly reasonCodes: ReadonlySet<number> | 'ALL' | 'NONE';
  /** What becomes of a message that the script leaves unhandled: true sends it on. */
  readonly proxyByDefault: boolean;
  readonly scriptOnly: boolean;
  readonly files: readonly FlatFileDeclaration[];
}

/** A manifest. Filters are asked once per chain, not per message. */
export class Manifest implements ManifestData {
  readonly appUri: string;
  readonly edition: ManifestEdition;
  readonly allowRegistrationBeforeUserServices: boolean;
  readonly roles: ReadonlySet<ServerRoleName> | 'ALL';
  readonly methods: ReadonlySet<string> | 'ALL' | 'NONE';
  readonly registrarGenerated: boolean;
  readonly strictRoute: boolean;
  readonly domainSupported: boolean | undefined;
  readonly phoneUri: boolean | undefined;
  readonly reasonCodes: ReadonlySet<number> | 'ALL' | 'NONE';
  readonly proxyByDefault: boolean;
  readonly scriptOnly: boolean;
  readonly files: readonly FlatFileDeclaration[];

  constructor(data: ManifestData) {
    this.appUri = data.appUri;
    this.edition = data.edition;
    this.allowRegistrationBeforeUserServices = data.allowRegistrationBeforeUserServices;
    this.roles = data.roles;
    this.methods = data.methods;
    this.registrarGenerated = data.registrarGenerated;
    this.strictRoute = data.strictRoute;
    this.domainSupported = data.domainSupported;
    this.phoneUri = data.phoneUri;
    this.reasonCodes = data.reasonCodes;
    this.proxyByDefault = data.proxyByDefault;
    this.scriptOnly = data.scriptOnly;
    this.files = data.files;
  }

  /** Does the requestFilter take this method? One that it cannot name counts as OTHER (MSPL R6). */
  wantsRequest(method: string): boolean {
    if (typeof this.methods === 'string') return this.methods === 'ALL';
    return this.methods.has(NAMED_METHODS.has(method) ? method : 'OTHER');
  }

  /** Does the responseFilter take this status code (MSPL R11)? */
  wantsResponse(status: number): boolean {
    if (typeof this.reasonCodes === 'string') return this.reasonCodes === 'ALL';
    return this.reasonCodes.has(Math.trunc(status / 100));
  }

  /** False when no response ever runs the script. */
  get wantsResponses(): boolean {
    return this.reasonCodes !== 'NONE';
  }

  /** May it run on a server of this role (MSPL R5)? */
  allowsRole(role: ServerRoleName): boolean {
    return this.roles === 'ALL' || this.roles.has(role);
  }
}
