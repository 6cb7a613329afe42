/** Connections on which a REGISTER was authenticated: what its user sends there later needs no challenge. */
import type { Flow, SipRequest } from '@parley/sdk';
import { H } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';

/** Users of one connection: more means a proxy, and those are no clients. */
const MAX_USERS = 16;

/**
 * Remembers who signed in on which connection. It ends with the connection, and with a new password of the user: then the
 * time at which the password was set is another one. Only for connections of clients themselves: a proxy in between (a second Via)
 * carries the requests of many.
 */
export class AuthenticatedFlows {
  private readonly users = new WeakMap<Flow, Map<string, number | null>>();

  /** Notes that `user` registered with digest on this flow. Does nothing for UDP and behind a proxy. */
  registered(flow: Flow, request: SipRequest, user: User): void {
    if (!flow.reliable || !comesFromClient(request)) return;
    const users = this.users.get(flow) ?? new Map<string, number | null>();
    if (users.size < MAX_USERS || users.has(user.id)) users.set(user.id, user.passwordChangedAt);
    this.users.set(flow, users);
  }

  /** Whether this request of `user` counts as authenticated. */
  covers(flow: Flow, request: SipRequest, user: User): boolean {
    const users = this.users.get(flow);
    return users !== undefined && user.enabled && users.get(user.id) === user.passwordChangedAt && comesFromClient(request);
  }

  /** The only user of the connection, when there is one. */
  onlyUser(flow: Flow): string | undefined {
    const users = this.users.get(flow);
    return users?.size === 1 ? users.keys().next().value : undefined;
  }
}

/** One Via: nobody forwarded it before us. */
function comesFromClient(request: SipRequest): boolean {
  return request.count(H.Via) === 1 && request.first(H.Via)?.includes(',') === false;
}
