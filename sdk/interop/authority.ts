/** A certificate authority of the test's own, and a server certificate that it signed. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

/** PEM files. */
export interface Authority {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Signs a certificate for the names and addresses. The files lie in `folder`. */
export function makeAuthority(folder: string, names: readonly string[]): Authority {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  const newKey = ['-newkey', 'rsa:2048', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '30', '-subj', '/CN=Interop test authority');
  openssl('req', ...newKey, '-keyout', at('server.key'), '-out', at('server.csr'), '-subj', `/CN=${names[0] ?? 'localhost'}`);
  writeFileSync(at('names.ext'), `subjectAltName=${names.map((name) => (isIP(name) === 0 ? `DNS:${name}` : `IP:${name}`)).join(',')}\n`);
  const sign = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '30', '-extfile', at('names.ext')];
  openssl('x509', '-req', '-in', at('server.csr'), ...sign, '-out', at('server.pem'));
  return { caFile: at('ca.pem'), certFile: at('server.pem'), keyFile: at('server.key') };
}
