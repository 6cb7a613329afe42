/** Runs administration commands for `parley` while the server runs. */
import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import { ParleyError } from '../errors/index.ts';
import type { CommandResult } from './command.ts';
import { LineReader, MAX_REQUEST_BYTES, controlPath } from './control-protocol.ts';
import type { ControlFailure, ControlReply, ControlRequest } from './control-protocol.ts';
import { ControlErrors } from './errors.ts';
import type { Host } from './host.ts';
import { runCommand } from './run-command.ts';

const MAX_CONNECTIONS = 32;
/** A connection that sends nothing for so long, and waits for nothing, is closed. */
const IDLE_MS = 120_000;
/** Rows of a table that travel in one line. */
const ROWS_A_LINE = 200;

/**
 * Who may open the socket may do everything: it has mode 0600 in a folder of mode 0700. The caller holds the folder's lock,
 * so a socket that is found there belongs to a server that is gone.
 */
export class ControlServer {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly host: Pick<Host, 'command' | 'core'>,
    private readonly path: string,
  ) {
    this.server = createServer((socket) => this.accept(socket));
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  /** Throws CONTROL_PATH_LONG, and what binding the socket throws. */
  static async listen(host: Pick<Host, 'command' | 'core'>): Promise<ControlServer> {
    const control = new ControlServer(host, controlPath(host.core.server.dataDir));
    rmSync(control.path, { force: true });
    control.server.listen(control.path);
    await once(control.server, 'listening');
    chmodSync(control.path, 0o600);
    return control;
  }

  /** Hangs up on everyone and removes the socket. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    const gone = new AbortController();
    const lines = new LineReader(MAX_REQUEST_BYTES);
    // Calls of one connection wait for each other.
    let last: Promise<void> = Promise.resolve();
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.sockets.delete(socket);
      gone.abort();
    });
    socket.on('data', (chunk: Buffer) => {
      const complete = lines.push(chunk);
      if (complete === undefined) {
        const reason = `it is longer than ${MAX_REQUEST_BYTES} bytes`;
        socket.end(lineOf({ id: 0, error: failureOf(ControlErrors.CONTROL_BAD_REQUEST({ reason })) }));
        return;
      }
      for (const line of complete) last = last.then(() => this.handle(line, socket, gone.signal));
    });
  }

  /** Never rejects. */
  private async handle(line: string, socket: Socket, signal: AbortSignal): Promise<void> {
    let id = 0;
    socket.setTimeout(0);
    try {
      const request = parse(line);
      ({ id } = request);
      const result = await this.run(request, socket, signal);
      for (const rows of inParts(result.rows)) await send(socket, { id, rows });
      const { text, data } = result;
      await send(socket, { id, done: { ...(text === undefined ? {} : { text }), ...(data === undefined ? {} : { data }) } });
    } catch (error) {
      await send(socket, { id, error: failureOf(error) }).catch(() => socket.destroy());
    }
    socket.setTimeout(IDLE_MS);
  }

  private async run({ id, command, input }: ControlRequest, socket: Socket, signal: AbortSignal): Promise<CommandResult> {
    const found = this.host.command(command);
    if (found === undefined) throw ControlErrors.CONTROL_UNKNOWN_COMMAND({ path: command });
    const { log, clock, faults } = this.host.core;
    log.debug({ command }, 'administration command');
    try {
      const progress = (text: string): void => void socket.write(lineOf({ id, progress: text }));
      const rows = async (list: readonly object[]): Promise<void> => {
        for (const part of inParts(list)) await send(socket, { id, rows: part });
        // A command that always has more leaves room for everything else, and gets to hear that its caller has gone.
        await immediate();
      };
      return await runCommand(found, input, { clock, signal, progress, rows });
    } catch (err) {
      if (!(err instanceof ParleyError) || err.code === 'CONTROL_COMMAND_FAILED')
        faults.report(found.scope.name, `command ${command}`, err);
      throw err;
    }
  }
}

function parse(line: string): ControlRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw ControlErrors.CONTROL_BAD_REQUEST({ reason: 'it is no JSON' });
  }
  if (typeof value !== 'object' || value === null) throw ControlErrors.CONTROL_BAD_REQUEST({ reason: 'it is no object' });
  const { id, command, input = {} } = value as Partial<Record<keyof ControlRequest, unknown>>;
  if (typeof id !== 'number' || typeof command !== 'string' || typeof input !== 'object' || input === null) {
    throw ControlErrors.CONTROL_BAD_REQUEST({ reason: 'it needs a number "id", a text "command" and an object "input"' });
  }
  return { id, command, input };
}

function failureOf(error: unknown): ControlFailure {
  const known = error instanceof ParleyError ? error : ControlErrors.CONTROL_BAD_REQUEST({ reason: String(error) });
  return { code: known.code, sentence: known.message, fix: known.fix, ...(known.place === undefined ? {} : { place: known.place }) };
}

/** Rows in lines of bearable length; an empty table is one empty part, no table none. */
function inParts(rows: readonly object[] | undefined): readonly (readonly object[])[] {
  if (rows === undefined) return [];
  return Array.from({ length: Math.max(1, Math.ceil(rows.length / ROWS_A_LINE)) }, (_, i) =>
    rows.slice(i * ROWS_A_LINE, (i + 1) * ROWS_A_LINE),
  );
}

function lineOf(reply: ControlReply): string {
  return `${JSON.stringify(reply)}\n`;
}

/** Waits while the caller does not read; one who has hung up needs nothing any more. */
async function send(socket: Socket, reply: ControlReply): Promise<void> {
  if (socket.destroyed || socket.write(lineOf(reply))) return;
  await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
}
