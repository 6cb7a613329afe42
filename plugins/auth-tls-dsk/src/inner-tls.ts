/** The server's side of a TLS handshake whose records travel in SIP headers: node:tls over a duplex in memory. */
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { inOneRecord, readFlight } from './flight.ts';
import { DskKeys, KEY_LABEL, KEY_MATERIAL_BYTES, macHash } from './session-keys.ts';

/** What came of a client's flight. */
export type Exchange =
  /** The server's flight, to be sent; never empty. */
  | { readonly kind: 'flight'; readonly bytes: Buffer }
  /** The last one: the handshake is complete. */
  | { readonly kind: 'complete'; readonly bytes: Buffer }
  /** `found` is OpenSSL's word for it, such as ERR_SSL_NO_SHARED_CIPHER. */
  | { readonly kind: 'failed'; readonly found: string };

/** Takes flights and gives flights, whole ones. OpenSSL answers a whole flight or fails; there is nothing to wait for from anybody else. */
export class InnerTls {
  private readonly pipe = new Pipe(() => this.look());
  private readonly socket: TLSSocket;
  private secure = false;
  private waiting: ((exchange: Exchange) => void) | undefined;

  constructor(secureContext: SecureContext) {
    this.socket = new TLSSocket(this.pipe, { isServer: true, secureContext, requestCert: true, rejectUnauthorized: false });
    this.socket.on('secure', () => {
      this.secure = true;
      this.look();
    });
    // _tlsError carries OpenSSL's reason; the stream's own error follows it, and must have a listener.
    const failed = (error: NodeJS.ErrnoException): void => this.settle({ kind: 'failed', found: error.code ?? error.message });
    this.socket.on('_tlsError', failed);
    this.socket.on('error', failed);
    this.socket.on('close', () => this.settle({ kind: 'failed', found: 'closed' }));
  }

  /** Hands over a client's flight. Not to be called again before the promise has resolved. */
  exchange(flight: Buffer): Promise<Exchange> {
    return new Promise((resolve) => {
      this.waiting = resolve;
      this.pipe.push(flight);
    });
  }

  /** The client's certificate, DER; undefined when it sent none. After `complete`. */
  get clientCertificate(): Buffer | undefined {
    return this.socket.getPeerX509Certificate()?.raw;
  }

  /** Protocol and cipher suite, for the log. */
  get suite(): string {
    return `${this.socket.getProtocol() ?? 'TLS'} ${this.socket.getCipher().name}`;
  }

  /** The keys of both directions; undefined when the suite has no MAC. After `complete`. */
  keys(thumbprint: string): DskKeys | undefined {
    const hash = macHash(this.socket.getCipher().name);
    if (hash === undefined) return undefined;
    // The context must be left out: an empty one would give other bytes in TLS 1.0 to 1.2 (RFC 5705 section 4).
    const material = this.socket.exportKeyingMaterial(KEY_MATERIAL_BYTES, KEY_LABEL, undefined as unknown as Buffer);
    return new DskKeys(material, hash, thumbprint);
  }

  /** Frees everything. What waits gets `failed`. */
  close(): void {
    this.settle({ kind: 'failed', found: 'closed' });
    this.socket.destroy();
    this.pipe.destroy();
  }

  private look(): void {
    const state = readFlight(this.pipe.written);
    if (state === 'server-done' && !this.secure) this.settle({ kind: 'flight', bytes: inOneRecord(this.pipe.collect()) });
    else if (state === 'finished' && this.secure) this.settle({ kind: 'complete', bytes: this.pipe.collect() });
  }

  private settle(exchange: Exchange): void {
    const resolve = this.waiting;
    this.waiting = undefined;
    resolve?.(exchange);
  }
}

/** What is pushed is read by the TLS socket, what that writes is kept until it is taken. */
class Pipe extends Duplex {
  private chunks: Buffer[] = [];

  constructor(private readonly onWritten: () => void) {
    super();
  }

  get written(): Buffer {
    return Buffer.concat(this.chunks);
  }

  collect(): Buffer {
    const bytes = this.written;
    this.chunks = [];
    return bytes;
  }

  override _read(): void {
    // Bytes are pushed when they come.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
    this.onWritten();
  }
}
