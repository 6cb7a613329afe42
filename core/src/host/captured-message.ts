/** Messages out of files: pasted from logs and captures, with whatever line ends and lengths they have. */
import { DEFAULT_LIMITS, parseMessage } from '../sip/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import { ServerErrors } from './sip-server-errors.ts';

const CONTENT_LENGTH = /^(content-length|l)[ \t]*:[^\r\n]*$/im;

/**
 * Reads one message. Lines may end in LF, blank lines may stand before it, and Content-Length is taken from what is there when lines
 * had to be changed or the body is shorter than it says.
 * @param file what errors call it
 * @throws HOST_CAPTURE when it is no SIP message
 */
export function readCapture(bytes: Buffer, file: string): SipRequest | SipResponse {
  const text = bytes.toString('latin1').replace(/^\s+/, '');
  const unix = !text.includes('\r\n');
  const wire = unix ? text.replaceAll('\n', '\r\n') : text;
  const end = wire.indexOf('\r\n\r\n');
  const head = end < 0 ? wire.trimEnd() : wire.slice(0, end);
  const body = end < 0 ? '' : wire.slice(end + 4);
  const stated = Number(/:\s*(\d+)/.exec(CONTENT_LENGTH.exec(head)?.[0] ?? '')?.[1] ?? Number.NaN);
  // An editor ends the file with a line end that the body does not have.
  const actual = unix && stated !== body.length ? body.replace(/\r\n$/, '') : body;
  const right = !unix && stated <= body.length ? stated : actual.length;
  const whole = `${withLength(head, right)}\r\n\r\n${actual}`;
  const parsed = parseMessage(Buffer.from(whole, 'latin1'), DEFAULT_LIMITS);
  if (!parsed.ok) throw ServerErrors.HOST_CAPTURE({ file, reason: parsed.error.message });
  return parsed.message;
}

function withLength(head: string, length: number): string {
  return CONTENT_LENGTH.test(head) ? head.replace(CONTENT_LENGTH, `Content-Length: ${length}`) : `${head}\r\nContent-Length: ${length}`;
}
