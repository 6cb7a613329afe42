/** Values like Event, Subscription-State, Content-Type: a word, then parameters. RFC 3261 section 20. */
import { trimEnd } from './characters.ts';
import { Params } from './params.ts';

/** A header value of the form `value;name=value`. */
export interface ValueWithParams {
  /** What stands before the first semicolon, trimmed. */
  readonly value: string;
  readonly params: Params;
}

/** Reads `value;a=b;c`. Lenient and total: every text has a value, if only ''. */
export function parseValueWithParams(text: string): ValueWithParams {
  const semicolon = text.indexOf(';');
  if (semicolon < 0) return { value: text.trim(), params: Params.NONE };
  return { value: text.slice(0, trimEnd(text, 0, semicolon)).trimStart(), params: Params.parse(text.slice(semicolon)) };
}
