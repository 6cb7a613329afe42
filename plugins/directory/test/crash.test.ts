import { expect, test } from 'vitest';
import { Directory, DirectoryAdmin } from '../src/api.ts';
import { serving } from './serving.ts';

test('after a kill every user that was reported as added is there, whole', async () => {
  await using server = await serving();
  const reported: string[] = [];
  const enough = Promise.withResolvers<void>();
  const adding = async (): Promise<void> => {
    const admin = server.find(DirectoryAdmin);
    for (let i = 0; ; i++) {
      const user = await admin.addUser({ uri: `u${i}@example.com`, logins: [`EX\\u${i}`], groups: ['All'], password: 'Wonderland 7' });
      reported.push(user.aor);
      if (i === 100) enough.resolve();
    }
  };
  const killed = expect(adding()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  await enough.promise;
  await server.kill();
  await killed;
  const directory = server.find(Directory);
  expect(reported.length).toBeGreaterThan(100);
  for (const aor of reported) {
    const user = directory.findByAor(aor);
    expect(user, aor).toMatchObject({ groups: ['All'] });
    expect(directory.checkPassword(user?.id, 'Wonderland 7'), aor).toBe(true);
  }
  expect(directory.group('All')?.members).toHaveLength(directory.list().total);
});
