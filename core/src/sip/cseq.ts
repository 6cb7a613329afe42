/** CSeq. RFC 3261 sections 8.1.1.5 and 20.16. */
import type { ParleyError } from '../errors/index.ts';
import { TOKEN, isAll, isSpace, parseDigits, skipSpace } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { methodText } from './methods.ts';

const MAX_SEQUENCE = 4_294_967_295;

/** Number and method of a request in its dialog. */
export interface CSeq {
  /** 0 to 2^32-1. */
  readonly number: number;
  /** Case-sensitive, as written. */
  readonly method: string;
}

/** Reads a CSeq value from `start` to `end` of a text. Throws SIP_HEADER_MALFORMED, also for numbers beyond 32 bits. */
export function readCSeq(text: string, start: number, end: number): CSeq {
  let digitsEnd = start;
  while (digitsEnd < end && !isSpace(text.charCodeAt(digitsEnd))) digitsEnd++;
  const methodStart = skipSpace(text, digitsEnd, end);
  const number = parseDigits(text, start, digitsEnd);
  if (number < 0 || methodStart === digitsEnd || !isAll(TOKEN, text, methodStart, end))
    throw malformed('no number and method', text, start, end);
  if (number > MAX_SEQUENCE) throw malformed('a number beyond 2^32-1', text, start, end);
  return { number, method: methodText(text, methodStart, end) };
}

function malformed(problem: string, text: string, start: number, end: number): ParleyError {
  return SipErrors.SIP_HEADER_MALFORMED({ header: 'CSeq', problem: `${problem} in ${excerpt(text.slice(start, end))}` }, { place: 'CSeq' });
}
