/** What a client sends in Authorization or Proxy-Authorization. [MS-SIPAE] section 3.1 of the sheet. */
import { H } from '@parley/core';
import type { SipMessage } from '@parley/core';
import type { AssociationScheme } from './mechanism.ts';

/** Credentials of one association or handshake. Values stand without quotes and otherwise as they were written: they are signed that way. */
export interface AssociationCredentials {
  /** 8 hexadecimal digits, upper case; undefined in the first message of a handshake. */
  readonly opaque: string | undefined;
  /** Base64, not checked yet; undefined in a message that is signed only. */
  readonly gssapiData: string | undefined;
  /** 2 when the client named none. */
  readonly version: number;
  /** All three, or the message is not signed. */
  readonly signature: ClientSignature | undefined;
}

/** The signed part. */
export interface ClientSignature {
  readonly crand: string;
  /** Decimal as written; its value is `num`. */
  readonly cnum: string;
  /** 0 to 2^32-1. */
  readonly num: number;
  /** Hexadecimal as written. */
  readonly response: string;
}

/** Whose credentials are looked for: those that name anything else are for another server. [MS-SIPAE] R2 */
export interface CredentialsTarget {
  readonly scheme: AssociationScheme;
  readonly realm: string;
  readonly targetName: string;
}

/** One parameter and the comma after it; quoted or not. */
const PARAMETER = /\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))\s*(?:,|$)/gy;
/** More than any client sends; what lies beyond is no header of ours. */
const MAX_PARAMETERS = 24;
const OPAQUE = /^[0-9a-f]{8}$/i;
const HEX = /^[0-9a-f]{1,512}$/i;
const RANDOM = /^[0-9a-f]{1,16}$/i;
const COUNTER = /^\d{1,10}$/;
const MAX_COUNTER = 4_294_967_295;
const DEFAULT_VERSION = 2;

/** Either header is taken for either challenge: Communicator answers a 401 with Proxy-Authorization. */
const HEADERS = [H.Authorization, H.ProxyAuthorization] as const;

/**
 * Removes the credentials for this target from the message and returns the first ([MS-SIPAE] R12); those for others stay.
 * @returns undefined when there are none, `malformed` when they cannot be read
 */
export function takeCredentials(message: SipMessage, target: CredentialsTarget): AssociationCredentials | 'malformed' | undefined {
  let taken: AssociationCredentials | 'malformed' | undefined;
  for (const header of HEADERS) {
    if (!message.has(header)) continue;
    const values = message.all(header);
    const others = values.filter((value) => {
      const own = readCredentials(value, target);
      taken ??= own;
      return own === undefined;
    });
    if (others.length === values.length) continue;
    message.remove(header);
    for (const value of others) message.append(header, value);
  }
  return taken;
}

/** Reads one header value; undefined when it is of another scheme, realm or target. */
export function readCredentials(value: string, target: CredentialsTarget): AssociationCredentials | 'malformed' | undefined {
  if (!hasScheme(value, target.scheme)) return undefined;
  const parameters = readParameters(value, target.scheme.length + 1);
  if (parameters === undefined) return 'malformed';
  if (parameters.get('realm') !== target.realm || !sameName(parameters.get('targetname'), target.targetName)) return undefined;
  return toCredentials(parameters) ?? 'malformed';
}

function toCredentials(parameters: ReadonlyMap<string, string>): AssociationCredentials | undefined {
  const opaque = parameters.get('opaque');
  if (opaque !== undefined && !OPAQUE.test(opaque)) return undefined;
  const version = Number(parameters.get('version') ?? DEFAULT_VERSION);
  if (!Number.isInteger(version)) return undefined;
  const signature = toSignature(parameters);
  if (signature === 'malformed') return undefined;
  return { opaque: opaque?.toUpperCase(), gssapiData: parameters.get('gssapi-data'), version, signature };
}

function toSignature(parameters: ReadonlyMap<string, string>): ClientSignature | 'malformed' | undefined {
  const response = parameters.get('response');
  if (response === undefined) return undefined;
  const crand = parameters.get('crand') ?? '';
  const cnum = parameters.get('cnum') ?? '';
  const num = Number(cnum);
  if (!HEX.test(response) || !RANDOM.test(crand) || !COUNTER.test(cnum) || num > MAX_COUNTER) return 'malformed';
  return { crand, cnum, num, response };
}

/** In any order, names without regard to case; undefined for a twice-named one and for anything that is no parameter. */
function readParameters(value: string, start: number): Map<string, string> | undefined {
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = start;
  while (PARAMETER.lastIndex < value.length) {
    const match = PARAMETER.exec(value);
    if (match === null) return undefined;
    const name = (match[1] as string).toLowerCase();
    if (parameters.has(name) || parameters.size === MAX_PARAMETERS) return undefined;
    parameters.set(name, match[2] ?? (match[3] as string));
  }
  return parameters;
}

function hasScheme(value: string, scheme: string): boolean {
  const after = value.charCodeAt(scheme.length);
  if (after !== 0x20 && after !== 0x09) return false;
  return value.startsWith(scheme) || value.slice(0, scheme.length).toLowerCase() === scheme.toLowerCase();
}

/** Host names compare without case; clients copy what they were sent all the same. */
function sameName(found: string | undefined, wanted: string): boolean {
  return found === wanted || found?.toLowerCase() === wanted.toLowerCase();
}
