/** From a REGISTER on the wire to what the registrar decides on. RFC 3261 section 10.3, RFC 5626 section 6, [MS-SIPREGE] section 3.3. */
import { H, MAX_EPID_LENGTH, detach, instanceOfEpid, readInstance, sameInstance, unquote } from '@parley/sdk';
import type { NameAddr, SipRequest } from '@parley/sdk';
import type { AskedContact, HeldContact, RegisterRequest } from './apply-register.ts';
import { RegistrarErrors } from './errors.ts';

/** A Contact with all that is kept of it. */
export interface Contact extends AskedContact {
  /** Thousandths. */
  readonly q: number;
  /** Value of its `methods` parameter; '' without one. */
  readonly methods: string;
  /** Host of its URI, lower case, brackets around IPv6; and its port or the default one of a sip URI. */
  readonly host: string;
  readonly port: number;
}

export interface Register extends RegisterRequest<Contact> {
  /** Path values as they stand, topmost first. */
  readonly path: readonly string[];
  readonly userAgent: string;
  /** Option tags in Supported, lower case. */
  readonly supported: readonly string[];
  /** RFC 5626 applies: the client supports outbound and a contact has a reg-id and an instance. */
  readonly outbound: boolean;
  /** It came through another proxy. */
  readonly proxied: boolean;
}

const KNOWN_OPTIONS = ['path', 'outbound', 'gruu', 'gruu-10'];
const MAX_CONTACT_LENGTH = 1024;
const MAX_USER_AGENT_LENGTH = 200;
const MAX_PATHS = 10;
const MAX_PATH_LENGTH = 1024;
const MAX_REG_ID = 2 ** 31 - 1;
/** Largest value of delta-seconds, RFC 3261 section 20.19. */
const MAX_SECONDS = 4_294_967_295;
const EPID = /^[\w\-.!%*+`'~]+$/;
const NONE: readonly string[] = [];

/**
 * Reads a REGISTER for the address `aor`.
 * @param maxContacts Contact values beyond which the request is refused unread
 * @param held the bindings of the address: what was checked when they were made is not checked again
 * @throws REGISTRAR_* errors, and SIP_* errors of malformed headers, each with the status to answer with
 */
export function readRegister(request: SipRequest, aor: string, maxContacts: number, held: readonly HeldContact[]): Register {
  refuseUnknownOptions(request);
  const supported = request.has(H.Supported) ? request.list(H.Supported).map((tag) => tag.toLowerCase()) : NONE;
  const epid = readEpid(request);
  const proxied = request.count(H.Via) > 1 || request.first(H.Via)?.includes(',') === true;
  const path = readPath(request);
  const contacts = request.has(H.Contact) ? request.contacts : undefined;
  const list = contacts === undefined || contacts.star ? [] : contacts.list;
  if (list.length > maxContacts) throw RegistrarErrors.REGISTRAR_CONTACT_MALFORMED({ reason: `more than ${maxContacts} values` });
  const outboundOffered = supported.includes('outbound');
  const asked = list.map((contact) => readContact(contact, epid, outboundOffered, held));
  const outbound = asked.some((contact) => contact.regId > 0);
  if (outbound) checkOutbound(asked, request, proxied, path);
  checkMicrosoft(request, supported, epid, asked);
  return {
    aor,
    callId: request.callId,
    cseq: request.cseq.number,
    expires: readSeconds(request.first(H.Expires)),
    epid,
    star: contacts?.star === true,
    contacts: asked,
    path,
    userAgent: (request.first(H.UserAgent) ?? '').slice(0, MAX_USER_AGENT_LENGTH),
    supported,
    outbound,
    proxied,
  };
}

/** RFC 3261 section 10.3 step 2. */
function refuseUnknownOptions(request: SipRequest): void {
  if (!request.has(H.Require)) return;
  const unknown = unknownOptions(request);
  if (unknown.length > 0) throw RegistrarErrors.REGISTRAR_OPTION_UNKNOWN({ found: unknown.join(', ') });
}

/** Option tags of Require that the registrar does not know: what Unsupported has to list. */
export function unknownOptions(request: SipRequest): string[] {
  return request.list(H.Require).filter((tag) => !KNOWN_OPTIONS.includes(tag.toLowerCase()));
}

function readEpid(request: SipRequest): string {
  const { epid } = request.from;
  if (epid === undefined) return '';
  if (epid.length > MAX_EPID_LENGTH || !EPID.test(epid)) throw RegistrarErrors.REGISTRAR_EPID_MALFORMED({ limit: MAX_EPID_LENGTH });
  return epid;
}

function readPath(request: SipRequest): readonly string[] {
  if (!request.has(H.Path)) return NONE;
  const path = request.list(H.Path);
  if (path.length > MAX_PATHS || path.some((value) => value.length > MAX_PATH_LENGTH)) {
    throw RegistrarErrors.REGISTRAR_PATH_TOO_LONG({ limit: `${MAX_PATHS} or ${MAX_PATH_LENGTH}` });
  }
  return path.map(detach);
}

function readContact(contact: NameAddr, epid: string, outbound: boolean, held: readonly HeldContact[]): Contact {
  const { uri, params } = contact;
  if (!uri.isSip) throw RegistrarErrors.REGISTRAR_CONTACT_MALFORMED({ reason: `the scheme ${uri.scheme} cannot be called back` });
  if (uri.raw.length > MAX_CONTACT_LENGTH) {
    throw RegistrarErrors.REGISTRAR_CONTACT_MALFORMED({ reason: `a URI of more than ${MAX_CONTACT_LENGTH} characters` });
  }
  const written = params.get('+sip.instance');
  const instance = written === undefined ? '' : checkInstance(written, epid, held);
  const methods = params.get('methods');
  return {
    contact: uri.raw,
    expires: contact.expires,
    q: contact.q === undefined ? 1000 : Math.round(contact.q * 1000),
    instance,
    // RFC 5626 section 6: without an instance, or without outbound in Supported, a reg-id means nothing.
    regId: instance === '' || !outbound ? 0 : readRegId(params.get('reg-id')),
    methods: typeof methods === 'string' ? methods : '',
    host: uri.host,
    port: uri.port ?? (uri.scheme === 'sips' ? 5061 : 5060),
  };
}

/** [MS-SIPRE] R2: a UUID URN and, with an epid in the message, the one that follows from it. */
function checkInstance(written: string | true, epid: string, held: readonly HeldContact[]): string {
  const instance = written === true ? undefined : readInstance(written);
  if (instance === undefined) throw RegistrarErrors.REGISTRAR_INSTANCE_MALFORMED();
  if (held.some((binding) => binding.instance === instance && binding.epid === epid)) return instance;
  if (epid !== '' && !isInstanceOf(epid, instance)) throw RegistrarErrors.REGISTRAR_INSTANCE_NOT_OF_EPID({ epid });
  return instance;
}

/** Case decides nothing about an epid, but it does about its hash: clients that hashed either spelling are taken. */
function isInstanceOf(epid: string, instance: string): boolean {
  return sameInstance(instanceOfEpid(epid), instance) || sameInstance(instanceOfEpid(epid.toLowerCase()), instance);
}

function readRegId(written: string | true | undefined): number {
  if (written === undefined) return 0;
  const regId = written === true || !/^\d{1,10}$/.test(written) ? 0 : Number(written);
  if (regId < 1 || regId > MAX_REG_ID) throw RegistrarErrors.REGISTRAR_REG_ID_MISUSED({ reason: 'is not a number from 1 to 2147483647' });
  return regId;
}

/** RFC 5626 section 6. */
function checkOutbound(asked: readonly Contact[], request: SipRequest, proxied: boolean, path: readonly string[]): void {
  if (asked.filter((contact) => (contact.expires ?? readSeconds(request.first(H.Expires))) !== 0).length > 1) {
    throw RegistrarErrors.REGISTRAR_REG_ID_MISUSED({ reason: 'stands beside a second Contact' });
  }
  const edge = path.at(-1);
  if (proxied && (edge === undefined || !/;ob(?=[;>=]|$)/i.test(edge))) throw RegistrarErrors.REGISTRAR_FIRST_HOP();
}

/** [MS-SIPREGE] section 3.3; asked only of clients that speak these extensions. */
function checkMicrosoft(request: SipRequest, supported: readonly string[], epid: string, asked: readonly Contact[]): void {
  const event = request.first(H.Event);
  if (event !== undefined && event.toLowerCase() !== 'registration')
    throw RegistrarErrors.REGISTRAR_EVENT_UNKNOWN({ found: event.slice(0, 40) });
  const gruu = supported.includes('gruu-10');
  const categories = supported.includes('msrtc-event-categories');
  if (categories && !gruu) throw RegistrarErrors.REGISTRAR_GRUU_NEEDED();
  if (gruu && epid === '' && asked.some((contact) => contact.instance === '')) throw RegistrarErrors.REGISTRAR_ENDPOINT_UNNAMED();
}

/** Delta-seconds; what is malformed counts as if it were not there, what is too large as the largest. */
export function readSeconds(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const text = unquote(written);
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_SECONDS) : undefined;
}
