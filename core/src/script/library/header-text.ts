/** Script text on its way into header fields, and the parameters inside header values. */
import { encodeText, quote, unquote } from '../../sip/index.ts';

const HEADER_NAME = /^[A-Za-z0-9.!%*_+`'~-]{1,128}$/;
// oxlint-disable-next-line no-control-regex -- control characters are what it takes out
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f]+/g;
const TOKEN = /^[A-Za-z0-9.!%*_+`'~:[\]-]+$/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const OPEN = 0x3c;

/** Can this be the name of a header field? */
export function isHeaderName(name: string): boolean {
  return HEADER_NAME.test(name);
}

/**
 * Unicode text as the byte string of a field value or reason phrase: line breaks and other control characters become spaces, so
 * that text from a body or a file cannot begin a header of its own.
 */
export function fieldText(text: string): string {
  return encodeText(text.replace(CONTROLS, ' ').trim());
}

/** One parameter inside a header value, by offsets. */
interface ParameterRange {
  /** Of the semicolon. */
  readonly start: number;
  readonly name: string;
  /** As written; undefined without "=". */
  readonly value: string | undefined;
  readonly end: number;
}

/**
 * Finds a parameter of the first element of a header value: behind the `>` where there is an address in angle brackets. Names
 * compare without case. `at` is where that element ends.
 */
function findParameter(value: string, name: string): { readonly at: number; readonly found: ParameterRange | undefined } {
  const asked = name.toLowerCase();
  const lastClose = value.lastIndexOf('>');
  let found: ParameterRange | undefined;
  let start = -1;
  let i = 0;
  const close = (end: number): void => {
    if (start < 0 || found !== undefined) return;
    const whole = value.slice(start + 1, end);
    const equals = whole.indexOf('=');
    const written = (equals < 0 ? whole : whole.slice(0, equals)).trim();
    if (written.toLowerCase() === asked)
      found = { start, name: written, value: equals < 0 ? undefined : whole.slice(equals + 1).trim(), end };
  };
  for (; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === QUOTE) i = quoteEnd(value, i);
    // A bracket that is never closed stands for itself.
    else if (code === OPEN && i < lastClose) i = value.indexOf('>', i);
    else if (code === COMMA) break;
    else if (code === SEMICOLON) {
      close(i);
      start = i;
    }
  }
  const at = Math.min(i, value.length);
  close(at);
  return { at, found };
}

/** The closing quote, or the last character of the value. */
function quoteEnd(value: string, open: number): number {
  for (let i = open + 1; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i;
  }
  return value.length;
}

/** A parameter of a header value, without quotes; null if it is not there or has no value. */
export function readParameter(value: string, name: string): string | null {
  const written = findParameter(value, name).found?.value;
  return written === undefined ? null : unquote(written);
}

/** The header value with a parameter replaced, added to its first element, or for "" removed. */
export function writeParameter(value: string, name: string, parameter: string): string {
  const { at, found } = findParameter(value, name);
  if (parameter === '') return found === undefined ? value : value.slice(0, found.start) + value.slice(found.end);
  const text = `;${found?.name ?? name}=${isWritten(parameter) ? parameter : quote(parameter)}`;
  const start = found?.start ?? value.slice(0, at).trimEnd().length;
  return value.slice(0, start) + text + value.slice(found?.end ?? start);
}

/** Is it a token, or quoted already? */
function isWritten(parameter: string): boolean {
  return TOKEN.test(parameter) || /^"(?:[^"\\]|\\.)*"$/.test(parameter);
}
