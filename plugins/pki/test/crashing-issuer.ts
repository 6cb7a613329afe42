/** A process that issues certificates and says so once each is answered, until it is killed. */
import { GIVEN_CERTIFICATE, testServer } from '@parley/sdk/testkit';
import { ClientCertificates } from '../src/api.ts';
import pki from '../src/plugin.ts';
import { request } from './requests.ts';

/** On standard output the data folder, and then one line, the certificate in base64, for each that is answered. */
export async function main(): Promise<void> {
  const server = await testServer({ plugins: [pki(GIVEN_CERTIFICATE.pki)], store: 'sqlite', files: GIVEN_CERTIFICATE.files });
  process.stdout.write(`${server.file('')}\n`);
  const csr = request();
  for (let i = 0; ; i++) {
    const user = { id: `u${i}`, aor: `u${i}@example.com` };
    const { certificate } = await server.find(ClientCertificates).issue({ csr, user, deviceId: 'desk' });
    process.stdout.write(`${certificate.toString('base64')}\n`);
  }
}
