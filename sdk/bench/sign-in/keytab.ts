/** Makes the key of the benchmark's Kerberos service. */
import { writeFileSync } from 'node:fs';
import { randomKerberosKey, writeKeytab } from '../../src/testkit/sign-in/kerberos-issuer.ts';
import { FQDN, KERBEROS_REALM } from './plan.ts';

/** @param file where the keytab goes; the same key signs the tickets of all clients */
export function main(file: string): void {
  writeFileSync(file, writeKeytab({ principal: `sip/${FQDN}`, key: randomKerberosKey(), realm: KERBEROS_REALM }), { mode: 0o600 });
  process.stdout.write('{}\n');
}
