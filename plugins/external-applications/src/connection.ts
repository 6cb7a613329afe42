/** One connection of an application: who it is, what it brings, then events. Until it has shown who it is, it is nobody. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { ParleyError } from '@parley/sdk';
import type { Clock, Log, Timer } from '@parley/sdk';
import { FIRST_FRAME_BYTES, FrameReader, PROTOCOL_VERSION, encodeFrame } from '@parley/sdk/application';
import type { ServerFrame } from '@parley/sdk/application';
import { eventFrame, firstFrame, secondFrame } from './application-frames.ts';
import type { EventFrame } from './application-frames.ts';
import type { ApplicationRegister, RegisteredApplication } from './applications.ts';
import type { ExternalConfig } from './config.ts';
import { ExternalErrors as E } from './errors.ts';
import { PerSecond } from './per-second.ts';
import type { Session } from './session.ts';
import type { Link } from './session-parts.ts';

/** What every connection of a server shares. */
export interface ConnectionSurroundings {
  readonly fqdn: string;
  readonly limits: ExternalConfig['limits'];
  readonly register: ApplicationRegister;
  readonly clock: Clock;
  readonly log: Log;
}

type Stage = 'unknown' | 'known' | 'attaching' | 'attached' | 'gone';

const SECOND_MS = 1_000;
/** How long a last word may take to go out. */
const LINGER_MS = 1_000;

export class ApplicationConnection implements Link {
  private readonly reader = new FrameReader(FIRST_FRAME_BYTES);
  private readonly nonce = randomBytes(32).toString('hex');
  private stage: Stage = 'unknown';
  private application: RegisteredApplication | undefined;
  private session: Session | undefined;
  private timer: Timer | undefined;
  private heardAt: number;
  private readonly frames: PerSecond;

  /** @param fingerprint of the certificate that was shown over TLS */
  constructor(
    private readonly socket: Socket,
    private readonly local: boolean,
    private readonly fingerprint: string | undefined,
    private readonly around: ConnectionSurroundings,
    private readonly onClosed: () => void,
  ) {
    const { clock, limits, fqdn } = around;
    this.heardAt = clock.now();
    this.frames = new PerSecond(limits.framesPerSecond);
    this.timer = clock.timers.start(limits.attachSeconds * SECOND_MS, () => this.leave('it did not attach in time'));
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', (error) => this.leave(error.message));
    socket.on('close', () => this.leave('the application has closed the connection'));
    this.send({ type: 'hello', protocol: PROTOCOL_VERSION, server: fqdn, nonce: this.nonce });
  }

  get open(): boolean {
    return this.stage !== 'gone';
  }

  get backlog(): number {
    return this.socket.writableLength;
  }

  send(frame: ServerFrame): void {
    if (this.open) this.socket.write(encodeFrame(frame));
  }

  /** Ends the connection, with a word for the application. */
  leave(reason: string): void {
    if (this.stage === 'gone') return;
    this.send({ type: 'bye', reason });
    const { application, session } = this;
    this.stage = 'gone';
    this.around.clock.timers.cancel(this.timer);
    // What is written still goes out; a peer that does not read it is cut off.
    this.socket.destroySoon();
    this.socket.setTimeout(LINGER_MS, () => this.socket.destroy());
    if (application !== undefined && session !== undefined) this.around.register.detach(application, reason);
    this.onClosed();
  }

  private read(chunk: Buffer): void {
    if (this.stage === 'gone') return;
    try {
      for (const frame of this.reader.push(chunk)) {
        this.count();
        this.receive(frame);
        // The loop goes on after what has ended the connection.
        if ((this.stage as Stage) === 'gone') return;
      }
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Throws EXTERNAL_TOO_FAST. */
  private count(): void {
    const { clock, limits } = this.around;
    this.heardAt = clock.now();
    if (!this.frames.take(this.heardAt)) throw E.EXTERNAL_TOO_FAST({ limit: limits.framesPerSecond });
  }

  private receive(frame: unknown): void {
    switch (this.stage) {
      case 'unknown':
        return this.authenticate(frame);
      case 'known':
        return this.attach(frame);
      case 'attached':
        return this.decide(frame);
      default:
        throw E.EXTERNAL_PROTOCOL({ problem: 'it goes on before it was told that it is attached', version: PROTOCOL_VERSION });
    }
  }

  private authenticate(frame: unknown): void {
    const { application, proof } = firstFrame(frame);
    const { local, fingerprint, nonce } = this;
    this.application = this.around.register.authenticate(application, { local, fingerprint, nonce, proof });
    const { frameBytes } = this.around.limits;
    this.stage = 'known';
    this.reader.limit = frameBytes;
    this.send({ type: 'welcome', name: this.application.name, frameBytes });
  }

  private attach(frame: unknown): void {
    const { application } = this;
    if (application === undefined) return;
    this.stage = 'attaching';
    this.around.register.attach(application, secondFrame(frame), this).then(
      (session) => this.attached(application, session),
      (error: unknown) => this.refuse(error),
    );
  }

  private attached(application: RegisteredApplication, session: Session): void {
    this.session = session;
    // Gone between the chain's word and ours.
    if (this.stage === 'gone') {
      this.around.register.detach(application, 'the application has closed the connection');
      return;
    }
    this.stage = 'attached';
    this.send({ type: 'attached', name: application.name });
    this.watchSilence();
  }

  /** Asks whether it is still there, and takes it for gone when nothing comes. */
  private watchSilence(): void {
    const { clock, limits } = this.around;
    const half = (limits.silentSeconds * SECOND_MS) / 2;
    clock.timers.cancel(this.timer);
    this.timer = clock.timers.start(half, () => {
      if (clock.now() - this.heardAt >= half * 2) {
        const error = E.EXTERNAL_SILENT({ seconds: limits.silentSeconds });
        this.leave(error.message);
        // One that hangs does not read either.
        this.socket.destroy();
        return;
      }
      this.send({ type: 'ping' });
      this.watchSilence();
    });
  }

  private decide(frame: unknown): void {
    const read = eventFrame(frame);
    const { session } = this;
    if (read.type === 'pong' || session === undefined) return;
    try {
      session.decide(read);
    } catch (error) {
      session.figures.faults++;
      const { code, message } = faultOf(error, this.around.log);
      const place = placeOf(read);
      this.send({ type: 'fault', ...place, code, message });
    }
  }

  private refuse(error: unknown): void {
    const { code, message, fix } = faultOf(error, this.around.log);
    const { log } = this.around;
    log.warn({ code, application: this.application?.name }, `an application was refused: ${message.slice(0, 2_000)}`);
    this.send({ type: 'refused', code, message, fix });
    this.leave(message.split('\n')[0] ?? message);
  }
}

/** What a fault is about. */
function placeOf(frame: Exclude<EventFrame, { type: 'pong' }>): { event: number } | { request: number } | { transaction: number } {
  if ('event' in frame) return { event: frame.event };
  return 'request' in frame ? { request: frame.request } : { transaction: frame.transaction };
}

/** What may be told to an application; faults of the server itself are the log's. */
function faultOf(error: unknown, log: Log): { readonly code: string; readonly message: string; readonly fix: string } {
  if (error instanceof ParleyError) return { code: error.code, message: error.message, fix: error.fix };
  log.error({ err: error }, 'what an application has sent could not be handled: a fault in Parley');
  return { code: 'EXTERNAL_INTERNAL', message: 'the server has failed', fix: 'See the server’s log.' };
}
