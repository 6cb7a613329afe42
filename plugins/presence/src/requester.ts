/** Who asks, as the gates have found out. [MS-PRES] R2 */
import { PluginConfig, Server, decodeText, inject, injectable } from '@parley/sdk';
import type { RequestContext } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import type { PresenceConfig } from './config.ts';
import type { WatcherIdentity } from './documents/index.ts';
import { PresenceErrors } from './errors.ts';
import { Presentities } from './presentities.ts';
import type { Presentity } from './presentity.ts';

/** What the handlers use of a request. */
export type PresenceRequest = Pick<RequestContext, 'request' | 'transaction' | 'identity' | 'flow' | 'respond' | 'proxy'>;

@injectable()
export class Requesters {
  constructor(
    @inject(Directory) private readonly directory: Pick<Directory, 'findByAor'>,
    @inject(Presentities) private readonly presentities: Presentities,
    @inject(Server) private readonly server: Pick<Server, 'isLocalDomain'>,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'requireAuthentication' | 'publicProviders'>,
  ) {}

  /** Address of who sent it, lower case. Throws PRESENCE_NOT_AUTHENTICATED. */
  senderOf({ request, identity }: PresenceRequest): string {
    if (identity === undefined && this.config.requireAuthentication) throw PresenceErrors.PRESENCE_NOT_AUTHENTICATED();
    // A trusted server vouches for the users that it sends for.
    if (identity !== undefined && identity.trusted !== true) return identity.aor;
    return decodeText(request.from.uri.userAtHost).toLowerCase();
  }

  /** The user who does something to his own presence. @throws PRESENCE_NOT_YOURS, PRESENCE_USER_UNKNOWN, PRESENCE_USER_DISABLED */
  ownerOf(tx: PresenceRequest): Presentity {
    const aor = targetOf(tx);
    const who = this.senderOf(tx);
    if (who !== aor) throw PresenceErrors.PRESENCE_NOT_YOURS({ who, aor });
    return this.enabled(aor);
  }

  /** Who watches, and where that comes from. */
  watcherOf(tx: PresenceRequest): WatcherIdentity {
    const aor = this.senderOf(tx);
    const domain = aor.slice(aor.indexOf('@') + 1);
    if (this.server.isLocalDomain(domain)) {
      this.enabled(aor);
      return { aor, source: 'sameEnterprise' };
    }
    if (this.config.publicProviders.includes(domain)) return { aor, source: 'publicCloud' };
    return { aor, source: tx.identity?.trusted === true ? 'federated' : 'unknown' };
  }

  private enabled(aor: string): Presentity {
    const user = this.directory.findByAor(aor);
    const presentity = user === undefined ? undefined : this.presentities.of(aor);
    if (user === undefined || presentity === undefined) throw PresenceErrors.PRESENCE_USER_UNKNOWN({ aor });
    if (!user.enabled) throw PresenceErrors.PRESENCE_USER_DISABLED({ aor });
    return presentity;
  }
}

/** To whom it is addressed: `user@host`, lower case. */
export function targetOf({ request }: Pick<PresenceRequest, 'request'>): string {
  return decodeText(request.requestUri.userAtHost).toLowerCase();
}
