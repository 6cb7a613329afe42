/** What a test expects of a message besides its method or status. */
import type { SipMessage, SipRequest } from '@parley/core';
import type { Duration } from '../duration.ts';

/** Texts have to be equal, patterns to match; what is left out may be anything. */
export interface Match {
  /** The Request-URI. */
  readonly uri?: string | RegExp;
  /** Header fields by name; one of several fields of a name is enough. `null`: the field must not be there. */
  readonly headers?: Readonly<Record<string, string | RegExp | null>>;
  /** The body as text. */
  readonly body?: string | RegExp;
  /** Lets time pass, at most so much, until it comes. Without it time passes only while messages are under way. */
  readonly within?: Duration;
}

/** Why a message is not what was expected; undefined when it is. */
export function mismatch(message: SipMessage, { uri, headers = {}, body }: Match): string | undefined {
  if (uri !== undefined && message.isRequest && !fits((message as SipRequest).uri, uri)) {
    return `its Request-URI is ${(message as SipRequest).uri} and not ${String(uri)}`;
  }
  for (const [name, wanted] of Object.entries(headers)) {
    const found = message.all(name);
    if (wanted === null && found.length > 0) return `it has ${name}: ${found.join(', ')}`;
    if (wanted !== null && !found.some((value) => fits(value, wanted))) {
      return found.length === 0 ? `it has no ${name}` : `its ${name} is ${found.join(', ')} and not ${String(wanted)}`;
    }
  }
  const text = message.body.toString('utf8');
  if (body !== undefined && !fits(text, body)) return `its body is ${text === '' ? 'empty' : JSON.stringify(text)} and not ${String(body)}`;
  return undefined;
}

function fits(found: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? found === wanted : wanted.test(found);
}

/** A status, or a class of them. */
export type Status = number | '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | '6xx';

/** Is it a status or a class, and no method? */
export function isStatus(what: number | string): what is Status {
  return typeof what === 'number' || /^[1-6]xx$/.test(what);
}

/** Is a status the one that is expected? */
export function fitsStatus(found: number, wanted: Status): boolean {
  return typeof wanted === 'number' ? found === wanted : Math.floor(found / 100) === Number(wanted[0]);
}

/** Does somebody expect a provisional response? */
export function isProvisional(wanted: Status): boolean {
  return wanted === '1xx' || (typeof wanted === 'number' && wanted < 200);
}
