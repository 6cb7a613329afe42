/** Content types and option tags of requests. */
import { H } from '@parley/sdk';
import type { SipRequest } from '@parley/sdk';

/** What the body is, lower case, without parameters; '' when that is not said. */
export function contentTypeOf(request: SipRequest): string {
  return mediaType(request.first(H.ContentType) ?? '');
}

/** Types that are accepted, lower case, without parameters; empty when nothing is said. */
export function acceptedTypes(request: SipRequest): readonly string[] {
  return request.has(H.Accept) ? request.list(H.Accept).map(mediaType) : [];
}

/** Event package, lower case, without parameters. */
export function eventOf(request: SipRequest): string {
  return mediaType(request.first(H.Event) ?? '');
}

/** Does Require have this option tag? */
export function requires(request: SipRequest, tag: string): boolean {
  return request.has(H.Require) && request.list(H.Require).some((one) => one.toLowerCase() === tag);
}

function mediaType(value: string): string {
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase();
}
