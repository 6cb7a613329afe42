/** The certificates that the running server shows: are they valid, and for every name that clients connect to? */
import type { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { Finding } from './finding.ts';

/** A TLS port and the names that its certificate is for. */
export interface CertifiedPort {
  readonly host: string;
  readonly port: number;
  /** Asked for by name (SNI). */
  readonly serverName: string;
  /** Without these nobody can connect. */
  readonly needed: readonly string[];
  /** Clients that come by these names are refused or ask their user. */
  readonly wanted: readonly string[];
}

const DAY_MS = 86_400_000;
const EXPIRY_WARNING_DAYS = 30;
const TLS_TIMEOUT_MS = 3_000;

/** Asks the running server for its certificate, as a client would. */
export async function checkCertificate({ host, port, serverName, needed, wanted }: CertifiedPort): Promise<Finding> {
  const check = `certificate on port ${port}`;
  const shown = await peerCertificate(host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port, serverName);
  if (typeof shown === 'string') return { check, state: 'fail', found: shown, fix: 'Look into the log of the server for the reason.' };
  const days = Math.floor((Date.parse(shown.validTo) - Date.now()) / DAY_MS);
  const missing = (names: readonly string[]): string => names.filter((name) => shown.checkHost(name) === undefined).join(', ');
  const fix = 'Have it issued for all names that clients connect to.';
  if (days < 0) return { check, state: 'fail', found: `expired on ${shown.validTo}`, fix: 'Replace it; parley pki show says which files.' };
  if (missing(needed) !== '') return { check, state: 'fail', found: `does not carry ${missing(needed)}`, fix };
  if (days < EXPIRY_WARNING_DAYS)
    return { check, state: 'warn', found: `expires in ${days} days`, fix: 'Renew it; the server loads new files by itself.' };
  if (missing(wanted) !== '') return { check, state: 'warn', found: `does not carry ${missing(wanted)}`, fix };
  return { check, state: 'ok', found: `valid for ${days} more days` };
}

function peerCertificate(host: string, port: number, servername: string): Promise<X509Certificate | string> {
  return new Promise((resolve) => {
    // The question is what the server shows, not whether this machine trusts it; nothing is sent.
    const socket = connect({ host, port, servername, rejectUnauthorized: false, timeout: TLS_TIMEOUT_MS }, () => {
      const shown = socket.getPeerX509Certificate();
      // Not destroy: what ends the handshake would go with it, and the server would report one that failed.
      socket.end();
      resolve(shown ?? 'no certificate shown');
    });
    socket.once('timeout', () => {
      socket.destroy();
      resolve(`no TLS handshake within ${TLS_TIMEOUT_MS / 1000} s`);
    });
    socket.once('error', (error) => resolve(error.message));
  });
}
