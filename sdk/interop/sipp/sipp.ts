/** SIPp (Debian package sip-tester): scenarios of its own and ours, as callers and called. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Program } from '../program.ts';
import type { Outcome } from '../program.ts';
import type { At } from '../server.ts';

const TIMEOUT_S = 60;

/** One run of SIPp. */
export interface SippOptions {
  /** A file beside this one, without `.xml`; or one that is built in. */
  readonly scenario: string | { readonly builtIn: 'uac' | 'uas' };
  /** Port that it uses; it opens media ports by itself. */
  readonly port: number;
  /** Calls until it ends by itself. */
  readonly calls: number;
  /** Where requests go; only for callers. */
  readonly server?: At;
  readonly transport?: 'udp' | 'tcp';
  /** Each call on a TCP connection of its own. */
  readonly separate?: boolean;
  /** New calls a second. */
  readonly rate?: number;
  readonly service?: string;
  readonly keys?: Readonly<Record<string, string>>;
  /** Of `service`, for its registration. */
  readonly password?: string;
  /** Who signs in, when it is not `service`, and the Request-URI that the credentials are for, without a scheme. */
  readonly login?: { readonly user: string; readonly password: string; readonly uri: string };
  /** Of -d, in milliseconds. */
  readonly pauseMs?: number;
  /** Percent of its messages, in and out, that it drops; what begins a call comes through. */
  readonly lost?: number;
}

/** A SIPp while it runs. */
export class Sipp {
  readonly #program: Program;
  readonly #folder: string;

  constructor(options: SippOptions) {
    this.#folder = mkdtempSync(join(tmpdir(), 'parley-sipp-'));
    const args =
      typeof options.scenario === 'string' ? ['-sf', this.#scenario(options.scenario, options.lost)] : ['-sn', options.scenario.builtIn];
    args.push('-i', '127.0.0.1', '-p', String(options.port), '-m', String(options.calls), '-r', String(options.rate ?? 20));
    args.push(
      '-t',
      options.transport === 'tcp' ? (options.separate === true ? 'tn' : 't1') : 'u1',
      '-nostdin',
      '-trace_err',
      '-timeout',
      `${TIMEOUT_S}s`,
      '-timeout_error',
    );
    args.push('-mp', String(options.port + 10_000 > 60_000 ? options.port - 10_000 : options.port + 10_000));
    if (options.service !== undefined) args.push('-s', options.service);
    if (options.password !== undefined) {
      // Without -auth_uri the credentials are for its idea of the server's address, and not for the Request-URI.
      args.push('-au', options.service ?? '', '-ap', options.password, '-auth_uri', options.keys?.['domain'] ?? '');
    }
    if (options.login !== undefined) args.push('-au', options.login.user, '-ap', options.login.password, '-auth_uri', options.login.uri);
    args.push('-d', String(options.pauseMs ?? 200));
    // A 200 that comes again because its ACK was lost may come when the next answer is due: that is no failure.
    if (options.lost !== undefined) args.push('-default_behaviors', 'all,-abortunexp');
    if (options.separate === true) args.push('-max_socket', '1000');
    for (const [key, text] of Object.entries(options.keys ?? {})) args.push('-key', key, text);
    if (options.server !== undefined) args.push(`${options.server.host}:${options.server.port}`);
    this.#program = new Program('sipp', args, { cwd: this.#folder, env: { ...process.env, TERM: 'dumb' } });
  }

  /** The file itself, or a copy that loses messages. (With -lost SIPp loses an INVITE for good: it takes the next for a repetition.) */
  #scenario(name: string, lost: number | undefined): string {
    const file = join(import.meta.dirname, `${name}.xml`);
    if (lost === undefined) return file;
    const lossy = join(this.#folder, `${name}.xml`);
    // An ACK may be lost for good, and BYEs keep coming whose answer was lost.
    const patient = readFileSync(file, 'utf8')
      .replace('<recv request="ACK"', '<recv request="ACK" optional="true"')
      .replace('<timewait milliseconds="1000"', '<timewait milliseconds="9000"');
    writeFileSync(lossy, patient.replaceAll(/<(send|recv)(?! request="INVITE")/g, `<$1 lost="${lost}"`));
    return lossy;
  }

  /** Waits until every call has ended. Code 0: all succeeded. */
  async ended(): Promise<Outcome> {
    const outcome = await this.#program.ended((TIMEOUT_S + 10) * 1000);
    rmSync(this.#folder, { recursive: true, force: true });
    return outcome;
  }

  get output(): string {
    return this.#program.output;
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Debian's SIPp has no TLS: it speaks TCP to this, and this speaks TLS, verified, to the server. */
export async function tlsTunnel(server: At, ca: string): Promise<{ readonly at: At; close(): void }> {
  const open = new Set<Socket>();
  const listener: Server = createServer((inner) => {
    const outer = connect({ ...server, ca, servername: 'localhost' });
    for (const socket of [inner, outer]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        open.delete(socket);
        inner.destroy();
        outer.destroy();
      });
    }
    inner.pipe(outer).pipe(inner);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    at: { host: '127.0.0.1', port },
    close() {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
}
