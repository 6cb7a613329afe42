/** A PostgreSQL of the test's own (Debian package postgresql): a folder, a port, gone afterwards. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from './program.ts';
import { freePort } from './server.ts';

/** A database server that runs; `url` names its database `postgres`. */
export class Postgresql {
  readonly url: string;
  readonly #program: Program;
  readonly #folder: string;

  private constructor(url: string, program: Program, folder: string) {
    this.url = url;
    this.#program = program;
    this.#folder = folder;
  }

  /** @param programs what `postgresqlPrograms` found, see postgresql-programs.ts */
  static async start(programs: string): Promise<Postgresql> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-postgresql-'));
    const data = join(folder, 'data');
    const port = await freePort();
    const owner = process.getuid?.() === 0 ? 'postgres' : undefined; // it refuses to run as root
    if (owner !== undefined) execFileSync('chown', [owner, folder]);
    const as = (program: string, args: readonly string[]): readonly [string, string[]] =>
      owner === undefined
        ? [join(programs, program), [...args]]
        : ['setpriv', ['--reuid', owner, '--regid', owner, '--init-groups', join(programs, program), ...args]];
    const [initdb, initdbArgs] = as('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']);
    execFileSync(initdb, initdbArgs, { cwd: folder, stdio: 'ignore' });
    const [postgres, args] = as('postgres', [
      '-D',
      data,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `unix_socket_directories=${folder}`,
    ]);
    const program = new Program(postgres, args, { cwd: folder });
    await program.seen(/database system is ready to accept connections/);
    return new Postgresql(`postgres://postgres@127.0.0.1:${port}/postgres`, program, folder);
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGINT'); // fast shutdown
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
