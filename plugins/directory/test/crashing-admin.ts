/** A process that adds users and says so once each is kept, until it is killed. */
import { SystemClock, migrate, openStore } from '@parley/sdk';
import { DirectoryConfig } from '../src/config.ts';
import { EmbeddedDirectoryAdmin } from '../src/directory-admin.ts';
import { EmbeddedDirectory } from '../src/directory.ts';
import { migrations } from '../src/schema.ts';
import { RecordingBus, RecordingLog } from './support.ts';

/** Adds `u0@example.com`, `u1@example.com` ...; one line of standard output for each that is kept. */
export async function main(dataDir: string): Promise<void> {
  const clock = new SystemClock();
  const store = await openStore({ kind: 'sqlite', file: `${dataDir}/store.sqlite` }, { clock });
  await migrate(store, 'directory', migrations, 0);
  const server = { domains: ['example.com'], dataDir };
  const config = DirectoryConfig.parse({});
  const bus = new RecordingBus();
  const directory = new EmbeddedDirectory(store, server, bus, new RecordingLog(), config);
  await directory.start();
  const admin = new EmbeddedDirectoryAdmin(directory, store, server, bus, clock, config);
  for (let i = 0; ; i++) {
    const user = await admin.addUser({ uri: `u${i}@example.com`, logins: [`EX\\u${i}`], groups: ['All'], password: 'Wonderland 7' });
    process.stdout.write(`${user.aor}\n`);
  }
}
