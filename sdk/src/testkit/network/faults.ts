/** What a virtual network does to what it carries. */
import { durationRange } from '../duration.ts';
import type { Duration } from '../duration.ts';
import { TestkitErrors } from '../errors.ts';

/** Faults of a network. Loss, duplication and reordering strike datagrams alone: connections mend them. */
export interface NetworkFaults {
  /** Time on the way; `'5-30ms'` draws one for each message, so that datagrams overtake each other. Default 0. */
  readonly latency?: Duration;
  /** Part of the datagrams that get lost, 0 to 1. */
  readonly loss?: number;
  /** Part of the datagrams that arrive twice, 0 to 1. */
  readonly duplication?: number;
  /** Part of the datagrams that are overtaken by those sent up to 20 ms later, 0 to 1. */
  readonly reordering?: number;
  /** The same seed makes the same faults. Default 1. */
  readonly seed?: number;
}

/** A pseudo-random source with a seed; values in [0, 1). Mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Faults in force, which a test may change. */
export class Faults {
  private readonly random: () => number;
  private range: readonly [number, number];
  private lossPart = 0;
  private duplicationPart = 0;
  private reorderingPart = 0;

  /** Throws TESTKIT_RANGE, TESTKIT_DURATION. */
  constructor({ latency = 0, loss = 0, duplication = 0, reordering = 0, seed = 1 }: NetworkFaults) {
    this.random = seededRandom(seed);
    this.range = durationRange(latency);
    this.loss = loss;
    this.duplication = duplication;
    this.reordering = reordering;
  }

  set latency(latency: Duration) {
    this.range = durationRange(latency);
  }

  get loss(): number {
    return this.lossPart;
  }

  set loss(part: number) {
    this.lossPart = checkedPart(part);
  }

  get duplication(): number {
    return this.duplicationPart;
  }

  set duplication(part: number) {
    this.duplicationPart = checkedPart(part);
  }

  get reordering(): number {
    return this.reorderingPart;
  }

  set reordering(part: number) {
    this.reorderingPart = checkedPart(part);
  }

  /** Times on the way of each copy of a datagram that arrives, in ms; empty when it gets lost. */
  datagram(): readonly number[] {
    if (this.strikes(this.lossPart)) return [];
    const times = [this.overtaken()];
    if (this.strikes(this.duplicationPart)) times.push(this.overtaken());
    return times;
  }

  /** Time on the way of a piece of a stream, in ms. */
  stream(): number {
    const [shortest, longest] = this.range;
    return shortest === longest ? shortest : shortest + Math.floor(this.random() * (longest - shortest + 1));
  }

  private overtaken(): number {
    return this.stream() + (this.strikes(this.reorderingPart) ? 1 + Math.floor(this.random() * 20) : 0);
  }

  private strikes(part: number): boolean {
    return part > 0 && this.random() < part;
  }
}

function checkedPart(part: number): number {
  if (part >= 0 && part <= 1) return part;
  throw TestkitErrors.TESTKIT_RANGE({ found: part, what: 'part of all datagrams', allowed: 'a number from 0 (none) to 1 (all)' });
}
