/** Identifiers that must be unique: branches, tags, Call-IDs. RFC 3261 sections 8.1.1.4, 8.1.1.7 and 19.3. */
import { randomFillSync } from 'node:crypto';
import { MAGIC_COOKIE } from './via.ts';

/** Random bytes are drawn in such portions: one call to the system for many identifiers. */
const POOL_BYTES = 4_096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

function randomHex(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** A prefix serves so many branches; a peer that saw one cannot guess those of others for long. */
const BRANCHES_A_PREFIX = 4_096;
let prefix = '';
let counter = BRANCHES_A_PREFIX;

/** A branch for a Via of ours: magic cookie, unguessable prefix, counter. */
export function newBranch(): string {
  if (counter === BRANCHES_A_PREFIX) {
    prefix = `${MAGIC_COOKIE}${randomHex(8)}.`;
    counter = 0;
  }
  return prefix + (counter++).toString(36);
}

/** A tag for From or To: 64 random bits. */
export function newTag(): string {
  return randomHex(8);
}

/** A Call-ID: 96 random bits at our host. */
export function newCallId(host: string): string {
  return `${randomHex(12)}@${host}`;
}
