/** SIP on a WebSocket connection of a client. RFC 7118. */
import { Connection, type ConnectionHome, type ConnectionStart } from './connection.ts';
import {
  CloseCode,
  encodeClose,
  encodeFrame,
  encodeSipFrame,
  Opcode,
  WebSocketDecoder,
  WebSocketViolation,
  type WebSocketSink,
} from './websocket-frames.ts';
import { answerUpgrade, MAX_UPGRADE_BYTES } from './websocket-upgrade.ts';

const HEAD_END = '\r\n\r\n';

export class WebSocketConnection extends Connection implements WebSocketSink {
  private readonly decoder: WebSocketDecoder;
  /** What has come of the HTTP request; undefined once the connection is a WebSocket. */
  private head: string | undefined = '';
  private closeCode: number = CloseCode.GoingAway;

  /** @param upgraded called once, when the connection has become a WebSocket */
  constructor(
    start: ConnectionStart,
    home: ConnectionHome,
    private readonly upgraded: (connection: WebSocketConnection) => void,
  ) {
    super(start, home);
    this.decoder = new WebSocketDecoder(this, home.sipLimits.maxMessageBytes);
  }

  /** Nothing may be sent before the upgrade. */
  override get open(): boolean {
    return super.open && this.head === undefined;
  }

  onWebSocketMessage(payload: Buffer): void {
    this.partialSince = 0;
    if (!this.open) return;
    if (!this.home.intake.receive(payload, this))
      this.violated(new WebSocketViolation(CloseCode.ProtocolError, 'what came is no SIP message'));
  }

  onWebSocketPing(payload: Buffer): void {
    if (this.open) this.enqueue(encodeFrame(Opcode.Pong, payload));
  }

  onWebSocketPong(): void {}

  onWebSocketClose(code: number): void {
    this.closeCode = code;
    this.decoder.stop();
    this.close(`the peer closed the WebSocket with code ${code}`);
  }

  protected override read(chunk: Buffer): void {
    if (this.head !== undefined) {
      this.upgrade(chunk);
      return;
    }
    try {
      this.decoder.push(chunk);
    } catch (error) {
      this.violated(error as WebSocketViolation);
    }
  }

  protected override frame(message: Buffer): Buffer {
    return encodeSipFrame(message);
  }

  protected override get isPartial(): boolean {
    return this.decoder.isPartial;
  }

  /** RFC 6455 section 5.5.1: a Close frame of the peer is answered with its own code. */
  protected override farewell(): void {
    if (this.head === undefined) this.enqueue(encodeClose(this.closeCode));
  }

  private upgrade(chunk: Buffer): void {
    const before = this.head as string;
    const head = before + chunk.toString('latin1');
    // The end may have come in two pieces.
    const end = head.indexOf(HEAD_END, Math.max(0, before.length - HEAD_END.length));
    if ((end < 0 ? head.length : end) > MAX_UPGRADE_BYTES) {
      this.drop('handshake', 'the HTTP request is too long');
      return;
    }
    if (end < 0) {
      this.head = head;
      return;
    }
    const verdict = answerUpgrade(head.slice(0, end), this.listener?.spec.origins);
    this.enqueue(Buffer.from(verdict.response, 'latin1'));
    if (!verdict.accepted) {
      this.expire('handshake', `no WebSocket: ${verdict.reason}`);
      return;
    }
    this.head = undefined;
    this.upgraded(this);
    const rest = chunk.subarray(end + HEAD_END.length - before.length);
    if (rest.length > 0) this.read(rest);
  }

  private violated(violation: WebSocketViolation): void {
    this.closeCode = violation.code;
    this.decoder.stop();
    this.expire('websocket', violation.message);
  }
}
