/** What this server writes into its own Record-Route: which flow leads to each side of the dialog, signed. [MS-SIPRE] section 3.6. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Flow } from '../transport/index.ts';

/** One side of a dialog as its Record-Route remembers it. */
export type SideToken =
  | { readonly kind: 'flow'; readonly id: number }
  | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  /** Reached by its Contact, as RFC 3261 has it. */
  | { readonly kind: 'contact' };

/** The two sides, in the order in which the dialog-creating request passed. */
export interface RouteState {
  readonly caller: SideToken;
  readonly callee: SideToken;
}

const SIGNATURE_BYTES = 12;
const CONTACT: SideToken = { kind: 'contact' };

/** The token for the peer at the other end of `flow`. `nat`: a UDP peer whose own address is not the one it is seen from. */
export function sideToken(flow: Flow, nat: boolean): SideToken {
  if (flow.reliable) return { kind: 'flow', id: flow.id };
  return nat ? { kind: 'udp', host: flow.remote.host, port: flow.remote.port } : CONTACT;
}

/** Writes and checks the `opaque` and `ms-route-sig` parameters of this server's Record-Route URIs. */
export class RouteSigner {
  /** @param secret at least 32 random bytes, kept over restarts so that dialogs survive them */
  constructor(private readonly secret: Buffer) {}

  /** The parameters to append to a Record-Route URI: no commas, no quotes, since OCS clients split the header at every comma. */
  parameters(state: RouteState, callId: string): string {
    const opaque = `state:${write(state.caller)}~${write(state.callee)}`;
    return `;opaque=${opaque};ms-route-sig=${this.sign(opaque, callId)}`;
  }

  /** Reads back what `parameters` wrote; 'forged' when the signature does not fit the dialog's Call-ID. */
  read(opaque: string, signature: string, callId: string): RouteState | 'forged' {
    const expected = Buffer.from(this.sign(opaque, callId));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged';
    const [caller, callee] = opaque.slice('state:'.length).split('~');
    if (caller === undefined || callee === undefined) return 'forged';
    return { caller: readSide(caller), callee: readSide(callee) };
  }

  private sign(opaque: string, callId: string): string {
    return createHmac('sha256', this.secret).update(opaque).update('\n').update(callId).digest().toString('base64url', 0, SIGNATURE_BYTES);
  }
}

function write(side: SideToken): string {
  if (side.kind === 'flow') return `c${side.id.toString(16)}`;
  return side.kind === 'udp' ? `u${side.host}-${side.port}` : '-';
}

function readSide(text: string): SideToken {
  if (text.startsWith('c')) return { kind: 'flow', id: Number.parseInt(text.slice(1), 16) };
  const dash = text.lastIndexOf('-');
  if (!text.startsWith('u') || dash < 2) return CONTACT;
  return { kind: 'udp', host: text.slice(1, dash), port: Number(text.slice(dash + 1)) };
}
