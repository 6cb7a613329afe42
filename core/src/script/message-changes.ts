/** What scripts have done to a message: two looks at it, and the difference. */
import { H, SipRequest, decodeText } from '../sip/index.ts';
import type { Field, SipMessage } from '../sip/index.ts';
import type { MessageChange } from './trace-event.ts';

const SECRETS: ReadonlySet<number> = new Set([
  H.Authorization,
  H.ProxyAuthorization,
  H.AuthenticationInfo,
  H.ProxyAuthenticationInfo,
  H.WWWAuthenticate,
  H.ProxyAuthenticate,
]);
const SCHEME = /^\s*(\S+)/;
/** Characters of one value that a trace shows. */
export const SHOWN = 300;

/** A message at one moment. Fields are never changed, only replaced, so holding them is enough. */
export interface Glimpse {
  readonly line: string;
  readonly fields: readonly Field[];
  readonly body: Buffer;
}

/** Looks at a message. */
export function glimpse(message: SipMessage): Glimpse {
  return { line: lineOf(message), fields: [...message.headers], body: message.body };
}

/** What differs, headers in the order of their names' first appearance. @param bodies show the text of a changed body */
export function changesBetween(before: Glimpse, message: SipMessage, bodies: boolean): MessageChange[] {
  const changes: MessageChange[] = [];
  const line = lineOf(message);
  if (line !== before.line) changes.push({ what: message.isRequest ? 'Request-URI' : 'Status', before: before.line, after: line });
  if (!sameFields(before.fields, message.headers)) changes.push(...fieldChanges(before.fields, message.headers));
  if (before.body !== message.body && !before.body.equals(message.body)) {
    changes.push({ what: 'body', before: bodyText(before.body, bodies), after: bodyText(message.body, bodies) });
  }
  return changes;
}

/** A header's value for people: Unicode, cut, without credentials. */
export function shownValue(field: Field): string {
  if (SECRETS.has(field.id)) return `${SCHEME.exec(field.value)?.[1] ?? ''} (masked)`;
  return cut(decodeText(field.value));
}

/** What must not be shown of a message wherever it turns up: the credentials in its headers. */
export function secretsOf(message: SipMessage): readonly string[] {
  return message.headers.filter(({ id }) => SECRETS.has(id)).map((field) => decodeText(field.value));
}

/** Cuts a text to what a trace shows of it. */
export function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}

function lineOf(message: SipMessage): string {
  const text = decodeText(message.toString());
  const line = text.slice(0, Math.max(0, text.indexOf('\r\n')));
  return message instanceof SipRequest ? decodeText(message.uri) : line;
}

function sameFields(before: readonly Field[], after: readonly Field[]): boolean {
  return before.length === after.length && before.every((field, i) => field === after[i]);
}

function fieldChanges(before: readonly Field[], after: readonly Field[]): MessageChange[] {
  const gone = before.filter((field) => !after.includes(field));
  const come = after.filter((field) => !before.includes(field));
  const names = [...new Set([...gone, ...come].map(({ name }) => name.toLowerCase()))];
  return names.flatMap((name) => {
    const old = gone.filter((field) => field.name.toLowerCase() === name);
    const now = come.filter((field) => field.name.toLowerCase() === name);
    return Array.from({ length: Math.max(old.length, now.length) }, (_, i) => change(old[i], now[i])).filter(
      ({ before: was, after: is }) => was !== is || (was ?? '').endsWith('(masked)'),
    );
  });
}

function change(old: Field | undefined, now: Field | undefined): MessageChange {
  return {
    what: (now ?? old)?.name ?? '',
    ...(old === undefined ? {} : { before: shownValue(old) }),
    ...(now === undefined ? {} : { after: shownValue(now) }),
  };
}

function bodyText(body: Buffer, shown: boolean): string {
  if (!shown || body.length === 0) return `${body.length} bytes`;
  return cut(body.toString('utf8'));
}
