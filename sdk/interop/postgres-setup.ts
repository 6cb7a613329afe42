/** Before the Vitest project `postgres`: a database for its tests, unless PARLEY_TEST_PG names one already. */
import type { TestProject } from 'vitest/node';
import { postgresqlPrograms } from './postgresql-programs.ts';
import { Postgresql } from './postgresql.ts';

/** Gives what stops the database. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const programs = postgresqlPrograms();
  if (process.env['PARLEY_TEST_PG'] !== undefined || programs === undefined) return undefined;
  const database = await Postgresql.start(programs);
  // For this project alone: others that run at the same time keep their SQLite.
  project.config.env = { ...project.config.env, PARLEY_TEST_PG: database.url };
  return () => database.stop();
}
