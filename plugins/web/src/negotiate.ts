/** Negotiate: Kerberos tickets for HTTP, as browsers and Lync clients of a realm send them, and NTLM under its name. RFC 4559. */
import type { KerberosAcceptor, KerberosRefused } from '@parley/plugin-auth-kerberos/api';
import type { NtlmAcceptor } from '@parley/plugin-auth-ntlm/api';
import { NtlmHandshake, isNtlm } from './ntlm.ts';
import type { SchemeHandshake, SchemeVerdict, TokenScheme } from './scheme.ts';

const CAUSES = { credentials: 'wrong', disabled: 'disabled', malformed: 'malformed', skew: 'malformed', unsupported: 'malformed' } as const;

/**
 * The scheme Negotiate.
 * @param ntlm for clients without a ticket, which send bare NTLM messages; undefined: these are refused
 */
export function negotiateScheme(kerberos: KerberosAcceptor, ntlm: NtlmAcceptor | undefined): TokenScheme {
  return { scheme: 'Negotiate', begin: () => new NegotiateHandshake(kerberos, ntlm) };
}

/** A ticket is a sign-in of its own; NTLM has its rounds. */
class NegotiateHandshake implements SchemeHandshake {
  private inner: NtlmHandshake | undefined = undefined;

  constructor(
    private readonly kerberos: KerberosAcceptor,
    private readonly ntlm: NtlmAcceptor | undefined,
  ) {}

  step(token: Buffer): SchemeVerdict {
    if (isNtlm(token) && this.ntlm !== undefined) return (this.inner ??= new NtlmHandshake(this.ntlm.begin())).step(token);
    const verdict = this.kerberos.accept(token, 'HTTP');
    if (verdict.kind === 'refused') return refused(verdict);
    const { user, expiresAt, reply } = verdict;
    return { kind: 'user', user, expiresAt, ...(reply === undefined ? {} : { reply }) };
  }
}

function refused({ cause, account, detail }: KerberosRefused): SchemeVerdict {
  return { kind: 'failed', cause: CAUSES[cause], detail, ...(account === undefined ? {} : { account }) };
}
