/** A process that issues certificates and says so once each is answered, until it is killed. */
import { SystemClock, migrate, openStore } from '@parley/sdk';
import { migrations } from '../src/client-certificate-row.ts';
import { RecordedCertificates } from '../src/client-certificates.ts';
import { PkiConfig } from '../src/config.ts';
import { request } from './requests.ts';
import { RecordingBus, RecordingLog } from './recording.ts';

/** One line of standard output, the certificate in base64, for each that is answered. */
export async function main(dataDir: string): Promise<void> {
  const clock = new SystemClock();
  const store = await openStore({ kind: 'sqlite', file: `${dataDir}/store.sqlite` }, { clock });
  await migrate(store, 'pki', migrations, 0);
  const config = PkiConfig.parse({});
  const server = { dataDir, mode: 'serve' as const };
  const certificates = new RecordedCertificates(store, server, clock, new RecordingBus(), new RecordingLog(), config, undefined);
  await certificates.start();
  const csr = request();
  for (let i = 0; ; i++) {
    const user = { id: `u${i}`, aor: `u${i}@example.com` };
    const { certificate } = await certificates.issue({ csr, user, deviceId: 'desk' });
    process.stdout.write(`${certificate.toString('base64')}\n`);
  }
}
