/** NTLM over HTTP: three messages on one connection. [MS-NTHT] section 3, RFC 4559 section 6. */
import { ParleyError } from '@parley/sdk';
import type { NtlmAcceptor, NtlmExchange } from '@parley/plugin-auth-ntlm/api';
import type { SchemeHandshake, SchemeVerdict, TokenScheme } from './scheme.ts';

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');
const TYPE_OFFSET = SIGNATURE.length;
const TYPE_END = TYPE_OFFSET + 4;
/** [MS-NLMP] section 2.2.1. */
const NEGOTIATE = 1;
const AUTHENTICATE = 3;

/** Whether a token is a bare NTLM message; clients send these under Negotiate, too. */
export function isNtlm(token: Buffer): boolean {
  return token.length >= TYPE_END && token.subarray(0, TYPE_OFFSET).equals(SIGNATURE);
}

/** The scheme NTLM. */
export function ntlmScheme(acceptor: NtlmAcceptor): TokenScheme {
  return { scheme: 'NTLM', begin: () => new NtlmHandshake(acceptor.begin()) };
}

/** One exchange. A NEGOTIATE, then the AUTHENTICATE that answers its CHALLENGE; an AUTHENTICATE alone answers nothing of ours. */
export class NtlmHandshake implements SchemeHandshake {
  private isChallenged = false;

  constructor(private readonly exchange: NtlmExchange) {}

  step(token: Buffer): SchemeVerdict {
    const type = isNtlm(token) ? token.readUInt32LE(TYPE_OFFSET) : 0;
    if (type === NEGOTIATE && !this.isChallenged) return this.challenge(token);
    if (type === AUTHENTICATE && this.isChallenged) return this.judge(token);
    return malformed('the client sent no NTLM message that fits here');
  }

  private challenge(token: Buffer): SchemeVerdict {
    this.isChallenged = true;
    try {
      return { kind: 'continue', token: this.exchange.challenge(token) };
    } catch (error) {
      if (error instanceof ParleyError) return malformed(error.message);
      throw error;
    }
  }

  private judge(token: Buffer): SchemeVerdict {
    const verdict = this.exchange.authenticate(token);
    if ('user' in verdict) return { kind: 'user', user: verdict.user };
    const { cause, account, detail } = verdict.failure;
    const kind = cause === 'credentials' ? 'wrong' : cause === 'disabled' ? 'disabled' : 'malformed';
    return { kind: 'failed', cause: kind, detail, ...(account === undefined ? {} : { account }) };
  }
}

function malformed(detail: string): SchemeVerdict {
  return { kind: 'failed', cause: 'malformed', detail };
}
