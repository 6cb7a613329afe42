/** Fills the benchmark's server with users and certificates before it listens. Loaded by path; runs on Node as it is. */
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { PluginConfig, definePlugin } from '@parley/sdk';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import { ClientCertificates } from '@parley/plugin-pki/api';
import * as z from 'zod';
import { PASSWORD, aorOf } from './plan.ts';

const FillConfig = z.strictObject({
  users: z.int().min(1).describe('How many'),
  csr: z.string().optional().describe('PKCS#10 in base64: everybody gets a certificate for this key'),
  certificates: z.string().optional().describe('File that the certificates are written to'),
});

export default definePlugin({
  name: 'bench-fill',
  summary: 'Fills the server of the benchmark with users',
  config: FillConfig,
  requires: [DirectoryAdmin, ClientCertificates],
  root: new URL('.', import.meta.url),
  async setup(scope) {
    const { users, csr, certificates } = scope.resolve(PluginConfig) as z.output<typeof FillConfig>;
    const numbers = Array.from({ length: users }, (_, i) => i);
    const added = await scope.resolve(DirectoryAdmin).addUsers(numbers.map((i) => ({ uri: aorOf(i), password: PASSWORD })));
    if (csr === undefined || certificates === undefined) return;
    const issued: string[] = [];
    for (const user of added) {
      const { certificate } = await scope.resolve(ClientCertificates).issue({ csr: Buffer.from(csr, 'base64'), user, deviceId: 'bench' });
      issued.push(new X509Certificate(certificate).toString());
    }
    writeFileSync(certificates, JSON.stringify(issued));
  },
});
