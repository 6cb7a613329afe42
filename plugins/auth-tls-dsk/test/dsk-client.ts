/** A client's side of TLS-DSK: node:tls over a duplex in memory, whole flights in and out. */
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { readFlight } from '../src/flight.ts';
import { KEY_LABEL, KEY_MATERIAL_BYTES } from '../src/session-keys.ts';

export interface ClientTraits {
  /** PEM. */
  readonly key?: string;
  readonly cert?: string;
  readonly version?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers?: string;
}

/** `hello`, then `finish` with the server's flight, then `material`. */
export class DskClient {
  private readonly pipe = new Pipe();
  private readonly socket: TLSSocket;

  constructor({ key, cert, version = 'TLSv1', ciphers = 'AES128-SHA:AES256-SHA' }: ClientTraits) {
    const options: ConnectionOptions = {
      socket: this.pipe,
      minVersion: version,
      maxVersion: version,
      ciphers: `${ciphers}:@SECLEVEL=0`,
      rejectUnauthorized: false,
      ...(key !== undefined && cert !== undefined && { key, cert }),
    };
    this.socket = connect(options);
    this.socket.on('error', () => undefined);
  }

  /** The ClientHello. */
  hello(): Promise<Buffer> {
    return this.pipe.until('hello');
  }

  /** Everything up to Finished. */
  finish(serverFlight: Buffer): Promise<Buffer> {
    this.pipe.push(serverFlight);
    return this.pipe.until('finished');
  }

  /** The keys, after the server's last flight. */
  async material(serverFlight: Buffer): Promise<Buffer> {
    const secure = new Promise((resolve) => this.socket.once('secureConnect', resolve));
    this.pipe.push(serverFlight);
    await secure;
    const material = this.socket.exportKeyingMaterial(KEY_MATERIAL_BYTES, KEY_LABEL, undefined as unknown as Buffer);
    this.close();
    return material;
  }

  close(): void {
    this.socket.destroy();
  }
}

class Pipe extends Duplex {
  private chunks: Buffer[] = [];
  private wanted: ReturnType<typeof readFlight> = 'hello';
  private waiting: ((flight: Buffer) => void) | undefined;

  until(flight: 'hello' | 'finished'): Promise<Buffer> {
    return new Promise((resolve) => {
      this.wanted = flight;
      this.waiting = resolve;
      this.look();
    });
  }

  override _read(): void {
    // Bytes are pushed when they come.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
    this.look();
  }

  private look(): void {
    const flight = Buffer.concat(this.chunks);
    if (this.waiting === undefined || readFlight(flight) !== this.wanted) return;
    this.chunks = [];
    this.waiting(flight);
    this.waiting = undefined;
  }
}
