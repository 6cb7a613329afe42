/** What authentication left on a connection: half a handshake, or a user whose further requests it covers. [MS-NTHT], RFC 4559 section 6. */
import type { Socket } from 'node:net';
import type { Directory, User } from '@parley/plugin-directory/api';
import type { WebScheme } from './api.ts';
import type { SchemeHandshake } from './scheme.ts';

/** How long a client may take for the next leg. */
const HANDSHAKE_MS = 60_000;

interface Known {
  readonly userId: string;
  readonly scheme: WebScheme;
  readonly passwordChangedAt: number | null;
  readonly until: number;
}

interface Begun {
  readonly scheme: WebScheme;
  readonly handshake: SchemeHandshake;
  readonly until: number;
}

/** Ends with the connection; bounded by the number of these. */
export class ConnectionIdentities {
  private readonly known = new WeakMap<Socket, Known>();
  private readonly begun = new WeakMap<Socket, Begun>();

  /** @param coversMs how long a sign-in covers what follows on its connection; 0: only its own request */
  constructor(
    private readonly directory: Pick<Directory, 'findById'>,
    private readonly coversMs: number,
  ) {}

  /** The handshake of this scheme that the client is in the middle of. It is taken out: each leg puts it back or ends it. */
  takeHandshake(socket: Socket, scheme: WebScheme, now: number): SchemeHandshake | undefined {
    const begun = this.begun.get(socket);
    this.begun.delete(socket);
    return begun !== undefined && begun.scheme === scheme && now < begun.until ? begun.handshake : undefined;
  }

  keepHandshake(socket: Socket, scheme: WebScheme, handshake: SchemeHandshake, now: number): void {
    this.begun.set(socket, { scheme, handshake, until: now + HANDSHAKE_MS });
  }

  /** @param expiresAt milliseconds since 1970 */
  remember(socket: Socket, user: User, scheme: WebScheme, now: number, expiresAt = Number.POSITIVE_INFINITY): void {
    const until = Math.min(now + this.coversMs, expiresAt);
    this.known.set(socket, { userId: user.id, scheme, passwordChangedAt: user.passwordChangedAt, until });
  }

  /** The user that the connection still stands for: enabled, with the password of then. */
  find(socket: Socket, now: number): { readonly user: User; readonly scheme: WebScheme } | undefined {
    const known = this.known.get(socket);
    if (known === undefined) return undefined;
    const user = this.directory.findById(known.userId);
    if (now < known.until && user?.enabled === true && user.passwordChangedAt === known.passwordChangedAt)
      return { user, scheme: known.scheme };
    this.known.delete(socket);
    return undefined;
  }

  forget(socket: Socket): void {
    this.known.delete(socket);
    this.begun.delete(socket);
  }
}
