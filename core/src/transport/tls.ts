/** TLS: contexts from settings, and the names that a verified certificate carries. RFC 5922, RFC 6125. */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { TransportErrors } from './errors.ts';
import { withoutBrackets } from './addresses.ts';
import type { TlsSettings } from './listener.ts';

const DEFAULT_MIN_VERSION = 'TLSv1.2';
/** OpenSSL refuses the signatures of TLS 1.0 and 1.1 at its usual security level. */
const OLD_CIPHERS = 'DEFAULT@SECLEVEL=0';

type PemList = readonly (string | Buffer)[];

/**
 * Options of a server's secure context.
 * @throws TRANSPORT_TLS_SETTINGS when OpenSSL does not take them
 */
export function serverContextOptions(settings: TlsSettings): SecureContextOptions {
  const minVersion = settings.minVersion ?? DEFAULT_MIN_VERSION;
  const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  const ciphers = settings.ciphers ?? (isOld ? OLD_CIPHERS : undefined);
  const options: SecureContextOptions = {
    ...identity(settings),
    minVersion,
    ...(ciphers === undefined ? {} : { ciphers }),
    // The system's authorities matter only where clients are asked for certificates.
    ...(verifiesClients(settings) ? { ca: authorities(settings.ca) } : {}),
  };
  contextOf(options);
  return options;
}

export function verifiesClients(settings: TlsSettings): boolean {
  return settings.clientCertificates === 'request' || settings.clientCertificates === 'require';
}

/**
 * The context for connections that we open: our certificate, the system's authorities and those configured.
 * @param settings of a listener, whose certificate we show; undefined: none is shown
 */
export function clientContext(settings: TlsSettings | undefined, ca: PemList | undefined): SecureContext {
  const more = [...(ca ?? []), ...(settings?.ca ?? [])];
  return contextOf({ ...(settings === undefined ? {} : identity(settings)), ca: authorities(more), minVersion: DEFAULT_MIN_VERSION });
}

function identity(settings: TlsSettings): SecureContextOptions {
  const { certificate, key, passphrase } = settings;
  return { cert: certificate, key, ...(passphrase === undefined ? {} : { passphrase }) };
}

function contextOf(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw TransportErrors.TRANSPORT_TLS_SETTINGS({ reason: (error as Error).message }, { cause: error });
  }
}

function authorities(more: PemList | undefined): (string | Buffer)[] {
  const known = new Set([...getCACertificates('default'), ...getCACertificates('system')]);
  return [...known, ...(more ?? [])];
}

/** The first host name of a verified certificate, '' without one. */
export function firstName(socket: TLSSocket): string {
  if (!socket.authorized) return '';
  const names = socket.getPeerX509Certificate()?.subjectAltName ?? '';
  // Node quotes names that hold anything but what a host name holds; such a one is passed over.
  return /(?:^|, )DNS:([A-Za-z0-9._-]+)(?=,|$)/.exec(names)?.[1]?.toLowerCase() ?? '';
}

/** Does the socket's verified certificate carry that host name or address? No wildcards: RFC 5922 section 7.2. */
export function certifies(socket: TLSSocket, name: string): boolean {
  if (!socket.authorized || socket.destroyed) return false;
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (certificate === undefined) return false;
  const host = withoutBrackets(name);
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined;
  return certificate.checkHost(host, { wildcards: false }) !== undefined;
}
