/** Calls administration commands of a running server. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { ParleyError } from '../errors/index.ts';
import type { CommandResult } from './command.ts';
import { LineReader, MAX_REPLY_BYTES, controlPath } from './control-protocol.ts';
import type { ControlReply, ControlRequest } from './control-protocol.ts';
import { ControlErrors } from './errors.ts';
import type { RawInput } from './run-command.ts';

interface Call {
  readonly rows: object[];
  hasRows: boolean;
  readonly progress: ((text: string) => void) | undefined;
  /** Takes rows as they come, in place of the result. */
  readonly onRows: ((rows: readonly object[]) => void) | undefined;
  resolve(result: CommandResult): void;
  reject(error: Error): void;
}

/** Runs commands inside a server over its control socket. */
export class ControlClient {
  private readonly calls = new Map<number, Call>();
  private readonly lines = new LineReader(MAX_REPLY_BYTES);
  private lastId = 0;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.lose());
  }

  /**
   * Connects to the server on a data folder.
   * @throws CONTROL_NOT_RUNNING (also when a killed server left its socket behind), CONTROL_DENIED, CONTROL_PATH_LONG
   */
  static async connect(dataDir: string): Promise<ControlClient> {
    const socket = connect(controlPath(dataDir));
    try {
      await once(socket, 'connect');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code === 'EACCES' || code === 'EPERM') throw ControlErrors.CONTROL_DENIED({ folder: dataDir }, { cause: error });
      throw ControlErrors.CONTROL_NOT_RUNNING({ folder: dataDir }, { cause: error });
    }
    return new ControlClient(socket);
  }

  /**
   * Runs a command and waits for its end. @param onRows takes rows as they come, in place of the result
   * @throws the command's error with its code, sentence and advice; CONTROL_LOST when the server goes away
   */
  call(
    command: string,
    input: RawInput,
    progress?: (text: string) => void,
    onRows?: (rows: readonly object[]) => void,
  ): Promise<CommandResult> {
    if (this.socket.destroyed) return Promise.reject(ControlErrors.CONTROL_LOST());
    const request: ControlRequest = { id: ++this.lastId, command, input };
    return new Promise((resolve, reject) => {
      this.calls.set(request.id, { rows: [], hasRows: false, progress, onRows, resolve, reject });
      this.socket.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    const complete = this.lines.push(chunk);
    if (complete === undefined) this.socket.destroy();
    else for (const line of complete) this.take(JSON.parse(line) as ControlReply);
  }

  private take(reply: ControlReply): void {
    const call = this.calls.get(reply.id);
    if (call === undefined) {
      // What the server could not understand has no number.
      if ('error' in reply) for (const waiting of this.calls.values()) waiting.reject(asError(reply.error));
      return;
    }
    if ('progress' in reply) call.progress?.(reply.progress);
    else if ('rows' in reply && call.onRows !== undefined) call.onRows(reply.rows);
    else if ('rows' in reply) {
      call.hasRows = true;
      call.rows.push(...reply.rows);
    } else {
      this.calls.delete(reply.id);
      if ('error' in reply) call.reject(asError(reply.error));
      else call.resolve({ ...reply.done, ...(call.hasRows ? { rows: call.rows } : {}) });
    }
  }

  private lose(): void {
    for (const call of this.calls.values()) call.reject(ControlErrors.CONTROL_LOST());
    this.calls.clear();
  }
}

/** An error of the server, as if it had been thrown here. */
function asError({ code, sentence, fix, place }: Extract<ControlReply, { error: unknown }>['error']): ParleyError {
  return new ParleyError(code, { sentence, fix }, {}, place === undefined ? {} : { place });
}
