/** Finding loops by what a request looks like when it comes by. RFC 5393 section 4.2. */
import { H } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Eight hex digits over everything that decides where this proxy sends the request. The same request coming by twice has the
 * same digits; one that was retargeted in between (a spiral) has others.
 */
export function loopHash(request: SipRequest): string {
  let hash = mix(FNV_OFFSET, request.uri);
  hash = mix(hash, request.callId);
  hash = mix(hash, request.from.tag ?? '');
  hash = mix(hash, request.to.tag ?? '');
  hash = mix(hash, request.first(H.CSeq) ?? '');
  hash = mixAll(hash, request, H.Route);
  hash = mixAll(hash, request, H.ProxyRequire);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function mixAll(hash: number, request: SipRequest, header: number): number {
  if (!request.has(header)) return hash;
  let all = hash;
  for (const value of request.all(header)) all = mix(all, value);
  return all;
}

/** FNV-1a: not a secret, only a fingerprint; a collision would need the same request with other routing input, in the same call. */
function mix(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return Math.imul(hash ^ 0xff, FNV_PRIME);
}

/** The end of a branch of ours that carries `hash`; see `newBranch` in the sip room for the beginning. */
export function branchSuffix(hash: string): string {
  return `.L${hash}`;
}
