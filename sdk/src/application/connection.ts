/** One connection of an application to a server: from hello to attached, then events. */
import type { Socket } from 'node:net';
import { ParleyError } from '@parley/core/errors';
import { ApplicationErrors as E } from './errors.ts';
import { RequestReceived, ResponseReceived } from './events.ts';
import type { NotificationReceived, ResponseHandler, Wire } from './events.ts';
import { FrameReader, encodeFrame } from './frame.ts';
import { ApplicationRequest, ApplicationResponse } from './message.ts';
import { AwaitedAnswers } from './own-request.ts';
import type { OwnRequest } from './own-request.ts';
import { PROTOCOL_VERSION, attachProof } from './protocol.ts';
import type { ApplicationFrame, ServerFrame } from './protocol.ts';
import { Transaction } from './transaction.ts';

/** What the application does with what its script dispatches, by the names that the script uses. */
export interface Handlers {
  /** Dispatch of a request. */
  readonly requests?: Readonly<Record<string, (event: RequestReceived) => void | Promise<void>>>;
  /** Dispatch of a response: it goes on when the handler is done, unless that has dropped it. */
  readonly responses?: Readonly<Record<string, ResponseHandler>>;
  /** DispatchNotification. */
  readonly notifications?: Readonly<Record<string, (event: NotificationReceived) => void | Promise<void>>>;
}

/** What a connection needs of its application. */
export interface ConnectionParts {
  readonly appUri: string;
  readonly manifest: string;
  readonly secret: string | undefined;
  readonly handlers: Handlers;
  /** Told what a handler has thrown and what the server could not do. */
  onError(error: unknown): void;
  onAttached(name: string): void;
  /** Called once, whatever the end. `refused` when the server does not take the application. */
  onGone(reason: ParleyError, refused: boolean): void;
}

export class ServerConnection implements Wire {
  private readonly reader = new FrameReader();
  private readonly transactions = new Map<number, Transaction>();
  private readonly watchers = new Map<string, ResponseHandler>();
  private readonly answers = new AwaitedAnswers();
  private branches = 0;
  private gone = false;
  private refusal: ParleyError | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly parts: ConnectionParts,
  ) {
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', (error) => this.end(error.message));
    socket.on('close', () => this.end('the server has closed it'));
  }

  /** Ends it from this side. */
  close(): void {
    this.end('the application has closed it');
    this.socket.destroy();
  }

  send(frame: ApplicationFrame): void {
    if (!this.gone) this.socket.write(encodeFrame(frame));
  }

  /** Sends a request of the application's own; see Application.send. */
  ask(request: OwnRequest): Promise<ApplicationResponse> {
    if (this.gone) return Promise.reject(E.APPLICATION_GONE({ reason: 'it was lost' }));
    return this.answers.ask(request, (frame) => this.send(frame));
  }

  watch(transaction: Transaction, branch: number, onResponse: ResponseHandler): void {
    this.watchers.set(`${transaction.id} ${branch}`, onResponse);
  }

  nextBranch(): number {
    return ++this.branches;
  }

  private read(chunk: Buffer): void {
    try {
      // The server is believed: it has shown its certificate, or owns the socket's folder.
      for (const frame of this.reader.push(chunk)) this.receive(frame as unknown as ServerFrame);
    } catch (error) {
      this.parts.onError(error);
      this.end(error instanceof Error ? error.message : String(error));
      this.socket.destroy();
    }
  }

  private end(reason: string): void {
    if (this.gone) return;
    this.gone = true;
    const open = [...this.transactions.values()];
    this.transactions.clear();
    this.watchers.clear();
    this.answers.end(reason);
    for (const transaction of open) this.tell(transaction, 'ended');
    this.parts.onGone(this.refusal ?? E.APPLICATION_GONE({ reason }), this.refusal !== undefined);
  }

  private receive(frame: ServerFrame): void {
    switch (frame.type) {
      case 'hello':
        return this.authenticate(frame);
      case 'welcome':
        this.reader.limit = Math.max(this.reader.limit, frame.frameBytes);
        return this.send({ type: 'attach', manifest: this.parts.manifest, calls: this.calls() });
      case 'attached':
        return this.parts.onAttached(frame.name);
      case 'refused':
        this.refusal = E.APPLICATION_REFUSED({ message: frame.message, fix: frame.fix });
        return undefined;
      case 'request':
        return this.request(frame);
      case 'response':
        return this.response(frame);
      case 'notification':
        return void this.guard(() => this.parts.handlers.notifications?.[frame.call]?.({ parameters: frame.parameters }));
      case 'cancelled':
      case 'timedOut': {
        const transaction = this.transactions.get(frame.transaction);
        return transaction === undefined ? undefined : this.tell(transaction, frame.type);
      }
      case 'ended':
        return this.ended(frame.transaction, frame.status);
      case 'answer':
        return this.answers.answer(frame.request, frame.message);
      case 'fault':
        if (frame.request !== undefined) return this.answers.refuse(frame.request, frame.code, frame.message);
        return this.parts.onError(
          new ParleyError(frame.code, { sentence: frame.message, fix: 'See the message; the server’s log says more.' }),
        );
      case 'ping':
        return this.send({ type: 'pong' });
      case 'bye':
        return this.end(frame.reason);
      default:
        return undefined;
    }
  }

  private authenticate({ protocol, nonce }: Extract<ServerFrame, { type: 'hello' }>): void {
    if (protocol !== PROTOCOL_VERSION)
      throw E.APPLICATION_FRAME_SHAPE({ problem: `the server speaks version ${protocol}, this is version ${PROTOCOL_VERSION}` });
    const { appUri, secret } = this.parts;
    const proof = secret === undefined ? {} : { proof: attachProof(secret, nonce, appUri) };
    this.send({ type: 'authenticate', protocol: PROTOCOL_VERSION, application: appUri, ...proof });
  }

  private calls(): string[] {
    const { requests = {}, responses = {}, notifications = {} } = this.parts.handlers;
    return [...new Set([requests, responses, notifications].flatMap((handlers) => Object.keys(handlers)))];
  }

  private transaction(id: number): Transaction {
    const known = this.transactions.get(id);
    if (known !== undefined) return known;
    const made = new Transaction(id);
    this.transactions.set(id, made);
    return made;
  }

  private request(frame: Extract<ServerFrame, { type: 'request' }>): void {
    const transaction = this.transaction(frame.transaction);
    const { sender, routed, fixedRoute, stamps, patience } = frame;
    const facts = { sender, routed, fixedRoute, stamps, patience };
    const event = new RequestReceived(this, transaction, new ApplicationRequest(frame.message), frame.parameters, facts);
    const handler = this.parts.handlers.requests?.[frame.call];
    void transaction.inTurn(() =>
      this.guard(
        () => {
          if (handler === undefined) throw new Error(`the script dispatches requests to ${frame.call}, which handles none`);
          return handler(event);
        },
        () => event.fail(),
      ),
    );
  }

  private response(frame: Extract<ServerFrame, { type: 'response' }>): void {
    const transaction = this.transaction(frame.transaction);
    const event = new ResponseReceived(this, frame.event, transaction, new ApplicationResponse(frame.message), frame.branch);
    const handler =
      frame.call === undefined
        ? this.watchers.get(`${frame.transaction} ${frame.branch ?? 0}`)
        : this.parts.handlers.responses?.[frame.call];
    void transaction.inTurn(async () => {
      await this.guard(() => handler?.(event));
      if (!event.isDecided) event.pass();
    });
  }

  private ended(id: number, status: number): void {
    const transaction = this.transactions.get(id);
    if (transaction === undefined) return;
    this.transactions.delete(id);
    for (const key of this.watchers.keys()) if (key.startsWith(`${id} `)) this.watchers.delete(key);
    this.tell(transaction, 'ended', status);
  }

  private tell(transaction: Transaction, kind: 'cancelled' | 'timedOut' | 'ended', status = 0): void {
    void this.guard(() => transaction.tell(kind, { status }));
  }

  /** Runs what belongs to the application. Never rejects. */
  private async guard(work: () => void | Promise<void> | undefined, failed?: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      failed?.();
      this.parts.onError(error);
    }
  }
}
