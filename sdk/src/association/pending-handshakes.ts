/** Handshakes that are under way: few, for a minute at most. [MS-SIPAE] R5, R6, section 5. */
import type { Flow } from '@parley/core';
import type { EndpointIdentifiers } from './endpoint-identifiers.ts';
import { FlowAssociations } from './flow-associations.ts';
import type { Handshake } from './mechanism.ts';
import { randomHex } from './security-association.ts';

/** How long a client may take for all of them. */
export const HANDSHAKE_MS = 60_000;
/** On one connection; beginning another ends the oldest. */
export const MAX_HANDSHAKES_PER_FLOW = 4;
/** In all, of one mechanism. */
export const MAX_HANDSHAKES = 10_000;

/** One handshake. */
export interface PendingHandshake {
  readonly opaque: string;
  readonly flow: Flow;
  readonly endpoint: EndpointIdentifiers;
  readonly handshake: Handshake;
  /** As the client announced it: 2, 3 or 4. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** A token is being worked on. */
  busy: boolean;
}

/** What begins one. */
export type HandshakeStart = Pick<PendingHandshake, 'flow' | 'endpoint' | 'handshake' | 'version'>;

export class PendingHandshakes {
  /** By opaque, oldest first. */
  private readonly pending = new Map<string, PendingHandshake>();
  private readonly perFlow = new Map<Flow, number>();

  /** @param isTaken tells an opaque that may not be given again */
  constructor(private readonly isTaken: (opaque: string) => boolean) {}

  get size(): number {
    return this.pending.size;
  }

  /** True while another may begin. */
  get hasRoom(): boolean {
    return this.pending.size < MAX_HANDSHAKES;
  }

  begin(start: HandshakeStart, now: number): PendingHandshake {
    if ((this.perFlow.get(start.flow) ?? 0) >= MAX_HANDSHAKES_PER_FLOW) this.cancelOldestOf(start.flow);
    let opaque = randomHex();
    while (this.pending.has(opaque) || this.isTaken(opaque)) opaque = randomHex();
    const one: PendingHandshake = { ...start, opaque, expiresAt: now + HANDSHAKE_MS, busy: false };
    this.pending.set(opaque, one);
    this.perFlow.set(start.flow, (this.perFlow.get(start.flow) ?? 0) + 1);
    return one;
  }

  /** That of an opaque, when it was begun by this endpoint on this connection. */
  find(opaque: string, flow: Flow, endpoint: EndpointIdentifiers, now: number): PendingHandshake | undefined {
    const one = this.pending.get(opaque);
    if (one === undefined || one.flow !== flow || one.expiresAt <= now) return undefined;
    return one.endpoint.aor === endpoint.aor && one.endpoint.epid === endpoint.epid ? one : undefined;
  }

  /** Whether it has been neither finished nor cancelled. */
  has(one: PendingHandshake): boolean {
    return this.pending.get(one.opaque) === one;
  }

  /** It has come to its end by itself. */
  finish(one: PendingHandshake): void {
    if (!this.pending.delete(one.opaque)) return;
    const left = (this.perFlow.get(one.flow) as number) - 1;
    if (left === 0) this.perFlow.delete(one.flow);
    else this.perFlow.set(one.flow, left);
  }

  /** The client has gone on to wait for our token, and keeps no older keys meanwhile. */
  suspendFormer(one: PendingHandshake): void {
    const former = FlowAssociations.of(one.flow)?.ofEndpoint(one.endpoint);
    if (former !== undefined) former.suspended = true;
  }

  flowClosed(flow: Flow): void {
    if (this.perFlow.has(flow)) this.cancelWhere((one) => one.flow === flow);
  }

  /** Cancels those whose time is over; they are in order of their age. */
  sweep(now: number): void {
    for (const one of this.pending.values()) {
      if (one.expiresAt > now) return;
      this.cancel(one);
    }
  }

  cancelAll(): void {
    this.cancelWhere(() => true);
  }

  private cancelOldestOf(flow: Flow): void {
    for (const one of this.pending.values()) {
      if (one.flow !== flow) continue;
      this.cancel(one);
      return;
    }
  }

  private cancelWhere(condition: (one: PendingHandshake) => boolean): void {
    for (const one of this.pending.values()) if (condition(one)) this.cancel(one);
  }

  private cancel(one: PendingHandshake): void {
    this.finish(one);
    const former = FlowAssociations.of(one.flow)?.ofEndpoint(one.endpoint);
    if (former !== undefined) former.suspended = false;
    one.handshake.cancel();
  }
}
