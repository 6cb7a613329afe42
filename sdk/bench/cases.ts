/** What is measured, and how: rates, handshakes, memory. */
import type { Mode, RunReport } from './generator.ts';
import { pause } from './process.ts';
import { highestRate } from './search.ts';
import type { Probe, SearchPlan } from './search.ts';
import { Session } from './session.ts';
import type { Bench, SessionReport } from './session.ts';
import { TRANSPORTS } from './subject.ts';
import type { Subject, Transport } from './subject.ts';

/** Durations and sizes; `--quick` has small ones. */
export interface Plan {
  readonly probeSeconds: number;
  readonly holdSeconds: number;
  readonly latencySeconds: number;
  /** How often latency is measured; the run with the median p99 counts, since a single one may have met a moment of somebody else's. */
  readonly latencyRuns: number;
  readonly overloadSeconds: number;
  readonly tolerance: number;
  readonly retries: number;
  readonly contacts: number;
  readonly idleConnections: number;
}

/** As the figures are meant to be published. */
export const FULL: Plan = {
  probeSeconds: 1.5,
  holdSeconds: 5,
  latencySeconds: 5,
  latencyRuns: 3,
  overloadSeconds: 10,
  tolerance: 0.05,
  retries: 1,
  contacts: 100_000,
  idleConnections: 5_000,
};

/** To see that everything works, in a few minutes. */
export const QUICK: Plan = {
  probeSeconds: 0.7,
  holdSeconds: 1.5,
  latencySeconds: 1.5,
  latencyRuns: 1,
  overloadSeconds: 3,
  tolerance: 0.15,
  retries: 0,
  contacts: 20_000,
  idleConnections: 1_000,
};

/** A rate mode's outcome. Rates in transactions a second, times in milliseconds. */
export interface RateResult {
  readonly kind: 'rate';
  readonly best: number;
  /** At half of best. */
  readonly p50: number;
  readonly p99: number;
  /** At half of the anchor's best, where the server has a higher best than the anchor: both under the same load. */
  readonly likeAnchor: Latency | undefined;
  /** CPU time of the server per transaction at half of best, in microseconds. */
  readonly cpuMicros: number;
  /** Part of its core that the generator needed at best. */
  readonly generatorLoad: number;
  readonly overload: Overload;
  readonly restarts: number;
  /** Cores that other programs used in the hold and at half of best, the larger: above 0.1 the figures are doubtful. */
  readonly others: number;
}

/** In milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** At 1.5 times its own limit. */
export interface Overload {
  readonly offered: number;
  readonly completed: number;
  readonly refused: number;
  readonly refusedWithRetryAfter: number;
  readonly failed: number;
  readonly died: boolean;
  readonly lostConnections: number;
  /** Half of best was held again directly afterwards. */
  readonly recovered: boolean;
}

/** New TLS connections a second. */
export interface HandshakeResult {
  readonly kind: 'handshakes';
  readonly best: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** Bytes for each contact or connection. */
export interface MemoryResult {
  readonly kind: 'memory';
  readonly bytesEach: number;
  readonly count: number;
}

/** Outcome of a case. */
export type Result = RateResult | HandshakeResult | MemoryResult;

/** One line of the report. */
export interface Case {
  readonly name: string;
  /** @param anchor what was measured of the server that this one is compared with */
  measure(bench: Bench, plan: Plan, subject: Subject, anchor?: Result): Promise<Result>;
}

const MODES: readonly { readonly mode: Mode; readonly from: number }[] = [
  { mode: 'register', from: 4000 },
  { mode: 'message', from: 2000 },
  { mode: 'call', from: 500 },
];

/** Every case, in the order of the report. */
export const CASES: readonly Case[] = [
  ...MODES.flatMap(({ mode, from }) =>
    TRANSPORTS.map((transport): Case => ({
      name: `${mode}-${transport}`,
      measure: (b, p, s, a) => rate(b, p, s, { mode, transport, from }, a),
    })),
  ),
  { name: 'handshakes-tls', measure: handshakes },
  { name: 'memory-contact', measure: contactMemory },
  { name: 'memory-tls', measure: connectionMemory },
];

const ALLOWED_FAILURES = 0.001;
/** Transactions still open when the sending ends: a tenth of a second's worth. More means that a queue was growing. */
const ALLOWED_BACKLOG_SECONDS = 0.1;

/** True when the server kept up: under 0.1 % failures, no growing queue, nobody cut off, and the generator was on time. */
export function held(report: RunReport, rate: number): boolean {
  const failures = report.unsent + report.failed + report.refused;
  return (
    failures < report.offered * ALLOWED_FAILURES &&
    report.openAtEnd <= Math.max(20, rate * ALLOWED_BACKLOG_SECONDS) &&
    report.offered >= rate * report.seconds * 0.99 &&
    report.lostConnections === 0
  );
}

const DISTURBED = 0.15;
const PATIENCE = 1;

/** A run that did not hold while other programs worked is repeated a few times: it says nothing about the server. */
async function undisturbed(session: Session, perSecond: number, seconds: number): Promise<SessionReport> {
  let report = await session.run(perSecond, seconds);
  for (let again = 0; again < PATIENCE && report.others > DISTURBED && !held(report, perSecond); again++) {
    await pause(1000);
    report = await session.run(perSecond, seconds);
  }
  return report;
}

/** Of `plan.latencyRuns` runs the one with the median p99. */
async function latency(session: Session, plan: Plan, perSecond: number): Promise<SessionReport> {
  const first = await quietest(session, perSecond, plan.latencySeconds);
  const runs = [first];
  while (runs.length < plan.latencyRuns) runs.push(await quietest(session, perSecond, plan.latencySeconds));
  runs.sort((a, b) => a.p99 - b.p99);
  return runs[Math.floor(runs.length / 2)] ?? first;
}

/** Of a few runs the one that other programs disturbed least; the first when it was quiet. */
async function quietest(session: Session, perSecond: number, seconds: number): Promise<SessionReport> {
  let best = await session.run(perSecond, seconds);
  for (let again = 0; again < PATIENCE && best.others > DISTURBED; again++) {
    const report = await session.run(perSecond, seconds);
    if (report.others < best.others) best = report;
  }
  return best;
}

/** One mode over one transport, and where to begin to look for its rate. */
interface RateCase {
  readonly mode: Mode;
  readonly transport: Transport;
  readonly from: number;
}

async function rate(bench: Bench, plan: Plan, subject: Subject, one: RateCase, anchor: Result | undefined): Promise<RateResult> {
  const { mode, transport, from } = one;
  const session = new Session(bench, subject, mode, transport);
  await session.start();
  try {
    await session.run(from / 4, 1); // warm-up: what is compiled on first use
    const search: SearchPlan = { ...plan, from };
    const probe = async (perSecond: number, seconds: number): Promise<Probe<SessionReport>> => {
      const report = await undisturbed(session, perSecond, seconds);
      await pause(200);
      return { held: held(report, perSecond), report };
    };
    const { rate: best, report } = await highestRate(probe, search);
    if (best === 0) throw new Error(`${subject.name} holds no rate at all: ${mode} over ${transport}`);
    const half = await latency(session, plan, best / 2);
    const like = anchor?.kind === 'rate' && anchor.best < best ? await latency(session, plan, anchor.best / 2) : undefined;
    const over = await session.run(best * 1.5, plan.overloadSeconds);
    const after = await session.run(best / 2, Math.min(2, plan.latencySeconds));
    return {
      kind: 'rate',
      best,
      p50: half.p50,
      p99: half.p99,
      likeAnchor: like === undefined ? undefined : { p50: like.p50, p99: like.p99 },
      cpuMicros: half.cpuMicros,
      generatorLoad: report?.load ?? 0,
      overload: {
        offered: over.offered / over.seconds,
        completed: over.completedInTime / over.seconds,
        refused: over.refused / over.seconds,
        refusedWithRetryAfter: over.retryAfter / over.seconds,
        failed: (over.failed + over.unsent) / over.seconds,
        died: over.died,
        lostConnections: over.lostConnections,
        recovered: !over.died && over.lostConnections === 0 && held(after, best / 2),
      },
      restarts: session.restarts,
      others: Math.max(report?.others ?? 0, half.others),
    };
  } finally {
    await session.stop();
  }
}

async function handshakes(bench: Bench, plan: Plan, subject: Subject): Promise<HandshakeResult> {
  const session = new Session(bench, subject, 'register', 'tls');
  await session.start(bench.users, 0, 0);
  try {
    await session.generator.handshakes(1, 16);
    const report = await session.generator.handshakes(plan.holdSeconds, 16);
    return { kind: 'handshakes', best: report.completed / report.seconds, p50: report.p50, p99: report.p99, failed: report.failed };
  } finally {
    await session.stop();
  }
}

/** The difference between a fifth more and a fifth: what a server needs anyway is in both. */
async function contactMemory(bench: Bench, plan: Plan, subject: Subject): Promise<MemoryResult> {
  const first = plan.contacts / 5;
  const session = new Session(bench, subject, 'register', 'udp');
  await session.start(first + plan.contacts, bench.connections, first);
  try {
    const before = await session.restingMemory();
    const report = await session.generator.register(first, plan.contacts, 4000);
    if (report.completed < plan.contacts) throw new Error(`${subject.name} took ${report.completed} of ${plan.contacts} contacts`);
    const after = await session.restingMemory();
    return { kind: 'memory', bytesEach: (after - before) / plan.contacts, count: plan.contacts };
  } finally {
    await session.stop();
  }
}

async function connectionMemory(bench: Bench, plan: Plan, subject: Subject): Promise<MemoryResult> {
  const first = plan.idleConnections / 10;
  const session = new Session(bench, subject, 'register', 'tls');
  await session.start(bench.users, 0, 0);
  try {
    await session.generator.hold(first);
    const before = await session.restingMemory();
    const { open } = await session.generator.hold(first + plan.idleConnections);
    if (open < first + plan.idleConnections)
      throw new Error(`${subject.name} kept ${open} of ${first + plan.idleConnections} TLS connections`);
    const after = await session.restingMemory();
    return { kind: 'memory', bytesEach: (after - before) / plan.idleConnections, count: plan.idleConnections };
  } finally {
    await session.stop();
  }
}
