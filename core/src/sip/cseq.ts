/** CSeq. RFC 3261 sections 8.1.1.5 and 20.16. */
import { TOKEN, isAll, isSpace, parseDigits, skipSpace } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';

const MAX_SEQUENCE = 4_294_967_295;

/** Number and method of a request in its dialog. */
export interface CSeq {
  /** 0 to 2^32-1. */
  readonly number: number;
  /** Case-sensitive, as written. */
  readonly method: string;
}

/** Reads a CSeq value. Throws SIP_HEADER_MALFORMED, also for numbers beyond 32 bits. */
export function parseCSeq(value: string): CSeq {
  let end = 0;
  while (end < value.length && !isSpace(value.charCodeAt(end))) end++;
  const number = parseDigits(value, 0, end);
  const start = skipSpace(value, end);
  if (number < 0 || start === end || !isAll(TOKEN, value, start)) throw malformed('no number and method', value);
  if (number > MAX_SEQUENCE) throw malformed('a number beyond 2^32-1', value);
  return { number, method: value.slice(start) };
}

function malformed(problem: string, found: string): Error {
  return SipErrors.SIP_HEADER_MALFORMED({ header: 'CSeq', problem: `${problem} in ${excerpt(found)}` }, { place: 'CSeq' });
}
