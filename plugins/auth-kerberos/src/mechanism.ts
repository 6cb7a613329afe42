/** Kerberos as a way to set up security associations: one token, one answer. [MS-SIPAE] section 3.4 of the sheet. */
import type { AssociationMechanism, Handshake, HandshakeStep, MicContext, SessionKeys } from '@parley/sdk';
import type { TicketVerifier } from './ticket-verifier.ts';

const HEX = /^(?:[0-9a-f]{2})+$/i;

/** The mechanism, for `installAssociations`. @param spn `sip/uc.example.com` */
export function kerberosMechanism(verifier: Pick<TicketVerifier, 'verify'>, spn: string): AssociationMechanism {
  const handshake: Handshake = { step: (token) => step(verifier, token), cancel: () => undefined };
  // Nothing is kept between the steps, for there is one only.
  return { scheme: 'Kerberos', targetName: spn, begin: () => handshake };
}

function step(verifier: Pick<TicketVerifier, 'verify'>, token: Buffer): HandshakeStep {
  const verdict = verifier.verify(token, 'sip');
  if (verdict.kind === 'refused') {
    const { cause, detail, account } = verdict;
    return { kind: 'failed', cause, detail, ...(account !== undefined && { account }) };
  }
  const { user, expiresAt, mic, reply } = verdict;
  // A client that wants mutual authentication cannot sign before it has the AP-REP.
  return { kind: 'done', user, keys: micKeys(mic), expiresAt, ...(reply !== undefined && { token: reply }) };
}

/** Signatures are the hexadecimal MIC tokens of GSS-API over the signature buffer. */
export function micKeys(mic: MicContext): SessionKeys {
  return {
    sign: (buffer) => mic.sign(Buffer.from(buffer, 'latin1')).toString('hex'),
    verify: (buffer, signature) => HEX.test(signature) && mic.verify(Buffer.from(buffer, 'latin1'), Buffer.from(signature, 'hex')),
  };
}
