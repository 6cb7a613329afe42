/** NTLM over connections, for web services. [MS-NLMP] section 3.2, RFC 4559. */
import { NtlmErrors, inject, injectable } from '@parley/sdk';
import type { NtlmServerExchange } from '@parley/sdk';
import type { NtlmAcceptor, NtlmExchange } from './api.ts';
import { NtlmVerifier } from './verifier.ts';

/** Begins exchanges against the same users as SIP. */
@injectable()
export class VerifyingNtlmAcceptor implements NtlmAcceptor {
  constructor(@inject(NtlmVerifier) private readonly verifier: NtlmVerifier) {}

  begin(): NtlmExchange {
    return new ConnectionExchange(this.verifier);
  }
}

class ConnectionExchange implements NtlmExchange {
  private exchange: NtlmServerExchange | undefined = undefined;

  constructor(private readonly verifier: NtlmVerifier) {}

  challenge(negotiate: Buffer | undefined): Buffer {
    const exchange = this.verifier.begin();
    const message = negotiate === undefined ? exchange.datagramChallenge() : exchange.connectionChallenge(negotiate);
    this.exchange = exchange;
    return message;
  }

  authenticate(authenticate: Buffer): ReturnType<NtlmExchange['authenticate']> {
    const { exchange, verifier } = this;
    this.exchange = undefined; // a challenge is good once
    if (exchange === undefined) {
      return { failure: { cause: 'malformed', detail: NtlmErrors.NTLM_MALFORMED({ found: 'an answer without a challenge' }).message } };
    }
    const result = verifier.verify(exchange, authenticate, '', false);
    return 'key' in result ? { user: result.user } : { failure: result };
  }
}
