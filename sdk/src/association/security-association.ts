/** One security association: a client's endpoint, the keys it shares with this server, and what has passed between them. [MS-SIPAE] section 5. */
import { randomBytes } from 'node:crypto';
import type { Flow } from '@parley/core';
import type { AssociationUser } from './accounts.ts';
import type { EndpointIdentifiers } from './endpoint-identifiers.ts';
import type { AssociationScheme, SessionKeys } from './mechanism.ts';
import { ReplayWindow } from './replay-window.ts';

/** What an association begins with. */
export interface AssociationStart {
  readonly scheme: AssociationScheme;
  /** 8 hexadecimal digits, upper case, unique among those of its scheme. */
  readonly opaque: string;
  readonly flow: Flow;
  readonly endpoint: EndpointIdentifiers;
  readonly user: AssociationUser;
  readonly keys: SessionKeys;
  /** 2, 3 or 4. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Told when it is no more. */
  readonly released: (association: SecurityAssociation) => void;
}

const RANDOM_BYTES = 4;
/** Random numbers are taken from the system many at a time: asking for four bytes costs as much as asking for a thousand. */
const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);
let poolAt = 0;

export class SecurityAssociation {
  readonly scheme: AssociationScheme;
  readonly opaque: string;
  readonly flow: Flow;
  readonly endpoint: EndpointIdentifiers;
  readonly userId: string;
  readonly aor: string;
  readonly keys: SessionKeys;
  readonly version: number;
  readonly expiresAt: number;
  readonly window = new ReplayWindow();
  /**
   * Nothing that the client signs counts any more; what it is sent is signed all the same: it may have to be told that it was
   * signed out, and reads nothing that is not signed.
   */
  ended = false;
  /** The endpoint has begun anew and has let go of these keys: what is signed with them would make it drop its connection. */
  suspended = false;
  /** `Call-ID CSeq-number` of the REGISTER that signs out; its answer is the last that is signed. */
  lastAnswer: string | undefined = undefined;
  private readonly released: (association: SecurityAssociation) => void;
  private snum = 0;

  constructor(start: AssociationStart) {
    this.scheme = start.scheme;
    this.opaque = start.opaque;
    this.flow = start.flow;
    this.endpoint = start.endpoint;
    this.userId = start.user.id;
    this.aor = start.user.aor;
    this.keys = start.keys;
    this.version = start.version;
    this.expiresAt = start.expiresAt;
    this.released = start.released;
  }

  /** Whether a message that it signs is still to be believed. */
  isAlive(now: number): boolean {
    return !this.ended && now < this.expiresAt;
  }

  /** Lets go of it: neither verifies nor signs any more. */
  release(): void {
    this.ended = true;
    this.released(this);
  }

  /** The number of the next message to the client: 1, 2, 3 ... [MS-SIPAE] R13 */
  nextNumber(): number {
    return ++this.snum;
  }
}

/** 8 random hexadecimal digits, upper case: an opaque or srand. */
export function randomHex(): string {
  if (poolAt + RANDOM_BYTES > pool.length) {
    pool = randomBytes(POOL_BYTES);
    poolAt = 0;
  }
  const text = pool.toString('hex', poolAt, poolAt + RANDOM_BYTES);
  poolAt += RANDOM_BYTES;
  return text.toUpperCase();
}
