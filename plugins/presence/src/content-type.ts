/** Content types and option tags of requests. */
import { H } from '@parley/sdk';
import { PresenceErrors } from './errors.ts';
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

/** Option tags that a request to presence may require: of lists (RFC 4662, [MS-PRES]), and of notifications ([MS-SIPRE] section 6). */
const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set([
  'adhoclist',
  'categorylist',
  'com.microsoft.autoextend',
  'eventlist',
  'ms-benotify',
  'ms-piggyback-first-notify',
]);

/** What a request requires and is not known here. RFC 3261 section 8.2.2.3 */
export function unknownExtensions(request: SipRequest): readonly string[] {
  if (!request.has(H.Require)) return [];
  return request.list(H.Require).filter((tag) => !KNOWN_EXTENSIONS.has(tag.toLowerCase()));
}

/** Throws PRESENCE_EXTENSION_UNKNOWN. */
export function refuseUnknownExtensions(request: SipRequest): void {
  const unknown = unknownExtensions(request);
  if (unknown.length > 0) throw PresenceErrors.PRESENCE_EXTENSION_UNKNOWN({ tags: unknown.join(', ').slice(0, 60) });
}

/** Some print a blank before `+xml`. */
function mediaType(value: string): string {
  return (value.split(';', 1)[0] ?? '').replaceAll(/\s/g, '').toLowerCase();
}
