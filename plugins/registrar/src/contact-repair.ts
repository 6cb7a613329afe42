/** `proxy=replace`: the address of a client that does not know its own. [MS-SIPRE] section 3.4. */
import { H, PASS, ParleyError, UNNAMED_ERROR_ID, diagnosticReason } from '@parley/sdk';
import type { Flow, Gate, GateVerdict, Inbound, NameAddr, SipMessage } from '@parley/sdk';
import { RegistrarErrors } from './errors.ts';

/** Where a message was seen to come from. */
export interface SeenFrom {
  /** `TLS`, `TCP` ... */
  readonly transport: string;
  /** IP literal, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Connection id; 0 for UDP. */
  readonly id: number;
}

/** After authentication: what was signed was the Contact as the client wrote it. */
const GATE_ORDER = 400;
/** Perhaps a parameter of that name; what it really is, the parsed Contact tells. */
const HAS_PROXY = /;\s*proxy\b/i;

/** A Contact with its address replaced by the one it came from, as it is when it does not ask for that. [MS-SIPRE] R5 */
export function repairContact(contact: NameAddr, seen: SeenFrom, firstHop: boolean): NameAddr | ParleyError {
  const proxy = contact.params.get('proxy');
  if (proxy === undefined) return contact;
  if (!firstHop) return RegistrarErrors.REGISTRAR_CONTACT_PROXY({ reason: 'the request came through another proxy' });
  if (proxy === true || proxy.toLowerCase() !== 'replace') {
    return RegistrarErrors.REGISTRAR_CONTACT_PROXY({ reason: 'proxy has another value' });
  }
  const { uri } = contact;
  const transport = uri.params.get('transport');
  if (typeof transport === 'string' && transport.toUpperCase() !== seen.transport) {
    return RegistrarErrors.REGISTRAR_CONTACT_PROXY({ reason: `its transport is not that of the connection, ${seen.transport}` });
  }
  if (!uri.isSip) return RegistrarErrors.REGISTRAR_CONTACT_PROXY({ reason: 'it is no sip URI' });
  const host = seen.host.includes(':') ? `[${seen.host}]` : seen.host;
  const params = uri.params.has('maddr') ? uri.params.with('maddr', host) : uri.params;
  const repaired = uri.with({
    host: uri.params.has('maddr') ? uri.host : host,
    port: seen.port,
    params: seen.id === 0 ? params : params.with('ms-received-cid', seen.id.toString(16).toUpperCase()),
  });
  return contact.withUri(repaired).withParam('proxy', undefined);
}

/** Repairs the Contacts of every message of a client, in place: REGISTER, INVITE, its answers. */
export const contactRepair: Gate = {
  name: 'contact-repair',
  order: GATE_ORDER,
  check(inbound: Inbound): GateVerdict {
    const { message, flow } = inbound;
    if (!message.has(H.Contact)) return PASS;
    const values = message.all(H.Contact);
    if (!values.some((value) => HAS_PROXY.test(value))) return PASS;
    const error = repairAll(message, flow);
    if (error === undefined) return PASS;
    if (!message.isRequest) return { drop: error.message };
    return {
      respond: error.status ?? 400,
      headers: [['ms-diagnostics', `${UNNAMED_ERROR_ID.expected};reason="${diagnosticReason(error)}"`]],
    };
  },
};

function repairAll(message: SipMessage, flow: Flow): ParleyError | undefined {
  const { contacts } = message;
  if (contacts.star || !contacts.list.some((contact) => contact.params.has('proxy'))) return undefined;
  const seen: SeenFrom = { transport: flow.transport, host: flow.remote.host, port: flow.remote.port, id: flow.id };
  // A response has the Vias of the whole way back; that it comes from a client's own connection is what makes this its first hop.
  const firstHop = message.isRequest ? message.list(H.Via).length === 1 : !flow.trusted;
  const repaired: string[] = [];
  for (const contact of contacts.list) {
    const result = repairContact(contact, seen, firstHop);
    if (result instanceof ParleyError) return result;
    repaired.push(result.toString());
  }
  message.set(H.Contact, repaired.join(', '));
  return undefined;
}
