/** Negotiate: Kerberos tickets for HTTP, as browsers and Lync clients of a realm send them. RFC 4559. */
import type { KerberosAcceptor, KerberosRefused } from '@parley/plugin-auth-kerberos/api';
import type { SchemeVerdict, TokenScheme } from './scheme.ts';

const CAUSES = { credentials: 'wrong', disabled: 'disabled', malformed: 'malformed', skew: 'malformed', unsupported: 'malformed' } as const;

/** Each token is a sign-in of its own; there are no rounds. */
export function negotiateScheme(acceptor: KerberosAcceptor): TokenScheme {
  const step = (token: Buffer): SchemeVerdict => {
    const verdict = acceptor.accept(token, 'HTTP');
    if (verdict.kind === 'refused') return refused(verdict);
    const { user, expiresAt, reply } = verdict;
    return { kind: 'user', user, expiresAt, ...(reply === undefined ? {} : { reply }) };
  };
  return { scheme: 'Negotiate', begin: () => ({ step }) };
}

function refused({ cause, account, detail }: KerberosRefused): SchemeVerdict {
  return { kind: 'failed', cause: CAUSES[cause], detail, ...(account === undefined ? {} : { account }) };
}
