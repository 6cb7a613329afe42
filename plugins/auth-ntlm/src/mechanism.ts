/** NTLM as a way to set up security associations. [MS-SIPAE] section 3.3 of the sheet. */
import { datagramKeys } from '@parley/sdk';
import type { AssociationMechanism, Handshake, HandshakeContext, HandshakeStep, NtlmServerExchange } from '@parley/sdk';
import type { NtlmVerifier } from './verifier.ts';

/** The mechanism, for `installAssociations`. */
export function ntlmMechanism(verifier: NtlmVerifier, targetName: string): AssociationMechanism {
  return { scheme: 'NTLM', targetName, begin: (context) => new NtlmHandshake(verifier, context) };
}

/** Two tokens of the client: an empty one, then the AUTHENTICATE. There is no NEGOTIATE without a connection. */
class NtlmHandshake implements Handshake {
  private exchange: NtlmServerExchange | undefined = undefined;

  constructor(
    private readonly verifier: NtlmVerifier,
    private readonly context: HandshakeContext,
  ) {}

  step(token: Buffer): HandshakeStep {
    const { exchange } = this;
    if (exchange === undefined) return this.challenge(token);
    const homeDomain = this.context.claimedAor.split('@')[1] ?? '';
    const result = this.verifier.verify(exchange, token, homeDomain, true);
    if (!('key' in result)) return { kind: 'failed', ...result };
    return { kind: 'done', user: result.user, keys: datagramKeys(result.key, result.flags) };
  }

  cancel(): void {}

  private challenge(token: Buffer): HandshakeStep {
    if (token.length > 0) return { kind: 'failed', cause: 'malformed', detail: 'the first NTLM token is not empty' };
    this.exchange = this.verifier.begin();
    return { kind: 'continue', token: this.exchange.datagramChallenge() };
  }
}
