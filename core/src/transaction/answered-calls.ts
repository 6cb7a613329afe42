/**
 * Calls that were answered in the last 64*T1: what remains of an INVITE's transactions in their Accepted state when a proxy has passed
 * the 2xx on and has nothing to add (RFC 6026 section 7). Copies of the INVITE are absorbed, and further 2xx go to the caller. A busy
 * server has a hundred thousand such calls at any time, so they are kept outside the garbage collector's heap.
 */
import type { Flow } from '../transport/index.ts';
import { NONE, RecentKeys, regrown } from './recent-keys.ts';

/** How many there may be. Beyond, the oldest are forgotten early: a late 2xx then reaches nobody. */
const MOST = 1 << 20;

/** Where a call came from, and where it was answered. */
export interface AnsweredCall {
  readonly caller: Flow;
  readonly callee: Flow;
}

/** Connections by key. */
class RecentFlows {
  readonly keys: RecentKeys;
  private flows: (Flow | undefined)[] = [];

  constructor(keepMs: number) {
    this.keys = new RecentKeys(keepMs, MOST, this);
  }

  remember(key: string, flow: Flow, now: number): void {
    const at = this.keys.add(key, now);
    this.flows[at] = flow;
  }

  recall(key: string, now: number): Flow | undefined {
    const at = this.keys.find(key, now);
    return at === NONE ? undefined : this.flows[at];
  }

  /** For the index. */
  release(at: number): void {
    this.flows[at] = undefined;
  }

  /** For the index. */
  grow(capacity: number, count: number, from: (i: number) => number): void {
    this.flows = regrown(this.flows, undefined, capacity, count, from);
  }
}

export class AnsweredCalls {
  /** By the key of the server transaction. */
  private readonly invites: RecentFlows;
  /** By the key of the client transaction; several where a call was forked and answered more than once. */
  private readonly callers: RecentFlows;
  private readonly callees: RecentFlows;

  /** @param keepMs how long late 2xx are passed on: timers L and M */
  constructor(keepMs: number) {
    this.invites = new RecentFlows(keepMs);
    this.callers = new RecentFlows(keepMs);
    this.callees = new RecentFlows(keepMs);
  }

  /** Calls that are remembered. */
  get size(): number {
    return this.invites.keys.size;
  }

  /** The server transaction with `key`, whose request came from `caller`, needs nothing more of its user. @param now never less than before */
  rememberInvite(key: string, caller: Flow, now: number): void {
    this.invites.remember(key, caller, now);
  }

  /** The same of the client transaction with `key`. */
  rememberBranch(key: string, { caller, callee }: AnsweredCall, now: number): void {
    this.callers.remember(key, caller, now);
    this.callees.remember(key, callee, now);
  }

  /** Where the INVITE with this key came from, when it has been answered. */
  callerOf(inviteKey: string, now: number): Flow | undefined {
    return this.invites.recall(inviteKey, now);
  }

  /** Between whom a further 2xx to the branch with this key goes. */
  callOf(branchKey: string, now: number): AnsweredCall | undefined {
    const caller = this.callers.recall(branchKey, now);
    const callee = this.callees.recall(branchKey, now);
    return caller === undefined || callee === undefined ? undefined : { caller, callee };
  }

  /** Forgets what has been remembered long enough. */
  forget(now: number): void {
    for (const { keys } of [this.invites, this.callers, this.callees]) keys.forget(now);
  }
}
