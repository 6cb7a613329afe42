/** The numbers of reliable provisional responses, at both sides. Pure. RFC 3262 sections 3 and 4. */
import { H } from '../sip/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import { hasOption } from './content.ts';

/** What RAck names: response number, CSeq number and method of the request that was answered. RFC 3262 7.2. */
export interface RAck {
  readonly response: number;
  readonly sequence: number;
  readonly method: string;
}

const RACK = /^(\d{1,10})[ \t]+(\d{1,10})[ \t]+(\S+)$/;
const RSEQ = /^\d{1,10}$/;
const MAX_NUMBER = 4_294_967_295;
const MAX_FIRST_NUMBER = 2_147_483_647;

/** The RAck of a PRACK; undefined when it is missing or malformed. */
export function readRAck(prack: SipRequest): RAck | undefined {
  const match = RACK.exec(prack.first(H.RAck) ?? '');
  if (match === null) return undefined;
  const [, response, sequence, method = ''] = match;
  return { response: Number(response), sequence: Number(sequence), method };
}

/** The RSeq of a response that is to be acknowledged by PRACK; undefined for an unreliable one. RFC 3262 section 4. */
export function readRSeq(response: SipResponse): number | undefined {
  if (response.status <= 100 || response.status >= 200 || !hasOption(response, 'Require', '100rel')) return undefined;
  const value = response.first(H.RSeq) ?? '';
  const number = RSEQ.test(value) ? Number(value) : 0;
  return number >= 1 && number <= MAX_NUMBER ? number : undefined;
}

/** May responses to this INVITE be reliable, must they, or neither? RFC 3262 section 3. */
export function reliability(invite: SipRequest): 'no' | 'supported' | 'required' {
  if (hasOption(invite, 'Require', '100rel')) return 'required';
  return hasOption(invite, 'Supported', '100rel') ? 'supported' : 'no';
}

/** Numbers the reliable responses to one INVITE; one at a time is under way. */
export class ReliableNumbers {
  /** The number that waits for its PRACK, 0 for none. */
  outstanding = 0;
  private last: number;

  /** @param random 0 to 1; the first number is to be hard to guess, and to leave room above */
  constructor(random: number) {
    this.last = Math.floor(random * (MAX_FIRST_NUMBER - 1));
  }

  next(): number {
    this.outstanding = ++this.last;
    return this.outstanding;
  }

  /** Takes the PRACK; false when it is for nothing that waits (481). */
  acknowledge(rack: RAck | undefined, inviteSequence: number): boolean {
    if (this.outstanding === 0 || rack === undefined) return false;
    if (rack.response !== this.outstanding || rack.sequence !== inviteSequence || rack.method !== 'INVITE') return false;
    this.outstanding = 0;
    return true;
  }
}

/** Judges the reliable responses that come in one early dialog. */
export class ReliableOrder {
  private last: number | undefined = undefined;

  /** True for the first and each next one in order; false for copies and for those that overtook another: they come again. RFC 3262 section 4. */
  take(number: number): boolean {
    if (this.last !== undefined && number !== this.last + 1) return false;
    this.last = number;
    return true;
  }
}
