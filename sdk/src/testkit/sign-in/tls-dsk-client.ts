/** A client's side of TLS-DSK: node:tls over a duplex in memory, whole flights in and out. [MS-SIPAE] section 3.2.5.1 */
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';

/** A client certificate and its key, PEM. */
export interface ClientCertificatePair {
  readonly key: string;
  readonly cert: string;
}

/** How a client speaks TLS. */
export interface DskClientTraits extends Partial<ClientCertificatePair> {
  /** Default TLS 1.0, which is all that Lync 2010 knows. */
  readonly version?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** As OpenSSL lists them. */
  readonly ciphers?: string;
}

type Flight = 'hello' | 'finished';

const KEY_LABEL = 'client EAP encryption';
const KEY_MATERIAL_BYTES = 128;
const RECORD_HEADER = 5;
const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;

/** `hello`, then `finish` with the server's flight, then `material`. */
export class DskClient {
  private readonly pipe = new Pipe();
  private readonly socket: TLSSocket;

  constructor({ key, cert, version = 'TLSv1', ciphers = 'AES128-SHA:AES256-SHA' }: DskClientTraits) {
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

  /** 128 bytes of key material, after the server's last flight: the client signs with those from 64 on, the server with those from 96 on. */
  async material(serverFlight: Buffer): Promise<Buffer> {
    const secure = new Promise((resolve) => this.socket.once('secureConnect', resolve));
    this.pipe.push(serverFlight);
    await secure;
    const material = this.socket.exportKeyingMaterial(KEY_MATERIAL_BYTES, KEY_LABEL, undefined as unknown as Buffer);
    this.close();
    return material;
  }

  /** Frees everything. */
  close(): void {
    this.socket.destroy();
  }
}

class Pipe extends Duplex {
  private chunks: Buffer[] = [];
  private wanted: Flight = 'hello';
  private waiting: ((flight: Buffer) => void) | undefined;

  until(flight: Flight): Promise<Buffer> {
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
    if (this.waiting === undefined || !isWhole(flight, this.wanted)) return;
    this.chunks = [];
    this.waiting(flight);
    this.waiting = undefined;
  }
}

/** A ClientHello is one record; Finished is the encrypted one behind ChangeCipherSpec. RFC 5246 section 6.2.1 */
function isWhole(flight: Buffer, wanted: Flight): boolean {
  const types: number[] = [];
  let at = 0;
  while (at + RECORD_HEADER <= flight.length) {
    types.push(flight.readUInt8(at));
    at += RECORD_HEADER + flight.readUInt16BE(at + 3);
  }
  if (at !== flight.length || types.at(-1) !== HANDSHAKE) return false;
  return wanted === 'hello' || types.at(-2) === CHANGE_CIPHER_SPEC;
}
