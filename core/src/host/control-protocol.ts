/** How `parley` talks to a running server: lines of JSON on a Unix socket in the data folder. */
import { join } from 'node:path';
import { ControlErrors } from './errors.ts';

/** A call. Calls on one connection run one after the other. */
export interface ControlRequest {
  readonly id: number;
  /** The command's path: `user add`. */
  readonly command: string;
  readonly input: { readonly arguments?: unknown; readonly options?: unknown };
}

/** Any number of `progress` and `rows`, then `done` or `error`. */
export type ControlReply =
  | { readonly id: number; readonly progress: string }
  | { readonly id: number; readonly rows: readonly object[] }
  | { readonly id: number; readonly done: { readonly text?: string; readonly data?: unknown } }
  | { readonly id: number; readonly error: ControlFailure };

export interface ControlFailure {
  readonly code: string;
  readonly sentence: string;
  readonly fix: string;
  readonly place?: string;
}

/** Bytes of one request: room for a file of users. */
export const MAX_REQUEST_BYTES = 16_777_216;
/** Bytes of one reply. */
export const MAX_REPLY_BYTES = 67_108_864;

/** The shorter of the limits that systems set (104 on macOS and the BSDs, 108 on Linux), less the final zero. */
const MAX_PATH_BYTES = 103;

/** The socket of the server on a data folder. Throws CONTROL_PATH_LONG. */
export function controlPath(dataDir: string): string {
  const path = join(dataDir, 'control.sock');
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw ControlErrors.CONTROL_PATH_LONG({ path, limit: MAX_PATH_BYTES });
  return path;
}

/** Cuts a stream of bytes into lines. */
export class LineReader {
  private parts: Buffer[] = [];
  private size = 0;

  /** @param maxBytes longest line */
  constructor(private readonly maxBytes: number) {}

  /** The lines that `chunk` completes, without their ends; undefined when a line is longer than allowed. */
  push(chunk: Buffer): readonly string[] | undefined {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      this.keep(chunk.subarray(start, end));
      if (this.size > this.maxBytes) return undefined;
      lines.push(Buffer.concat(this.parts).toString('utf8'));
      this.parts = [];
      this.size = 0;
      start = end + 1;
    }
    this.keep(chunk.subarray(start));
    return this.size > this.maxBytes ? undefined : lines;
  }

  private keep(part: Buffer): void {
    this.parts.push(part);
    this.size += part.length;
  }
}
