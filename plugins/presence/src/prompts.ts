/** "Somebody has added you": who asks to watch a user and is not acknowledged yet. [MS-PRES] R19, R20 */
import { Log, PluginConfig, decodeText, inject, injectable } from '@parley/sdk';
import type { SipRequest } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import { Changes } from './changes.ts';
import type { PresenceConfig } from './config.ts';
import type { WatcherIdentity } from './documents/index.ts';
import { Presentities } from './presentities.ts';
import type { HeldSubscriber } from './presence-state.ts';
import type { Presentity } from './presentity.ts';

@injectable()
export class Prompts {
  constructor(
    @inject(Presentities) private readonly presentities: Presentities,
    @inject(Changes) private readonly changes: Changes,
    @inject(Directory) private readonly directory: Pick<Directory, 'findByAor'>,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'limits'>,
    @inject(Log) private readonly log: Log,
  ) {}

  /** A watcher wants the contact to know. Nobody waits for it; who has been told once is not told again. */
  asked(contact: string, watcher: WatcherIdentity, request: SipRequest, context: string): void {
    const presentity = this.presentities.of(contact);
    if (presentity === undefined || contact === watcher.aor || presentity.state.subscribers.has(watcher.aor)) return;
    const displayName = this.directory.findByAor(watcher.aor)?.displayName ?? decodeText(request.from.displayName ?? '');
    const done = this.changes.run(presentity, (draft) => {
      if (draft.subscriber(watcher.aor) !== undefined) return;
      const { subscribers } = draft.before;
      if (waiting(subscribers.values()) >= this.config.limits.prompted) return;
      const oldest = subscribers.size < MAX_REMEMBERED ? undefined : oldestAcknowledged(subscribers.values());
      if (oldest !== undefined) draft.forgetSubscriber(oldest);
      draft.putSubscriber({
        user: watcher.aor,
        displayName: displayName === '' ? watcher.aor : displayName.slice(0, MAX_NAME),
        acknowledged: false,
        type: watcher.source,
        context: context === '' ? undefined : context,
        askedAt: draft.now,
      });
    });
    done.catch((error: unknown) => this.log.warn({ err: error, user: contact }, 'a user could not be told who watches'));
  }

  /** The user has taken note of a watcher; one who never asked is none. Resolves when it is committed. */
  async acknowledge(presentity: Presentity, watcher: string): Promise<void> {
    await this.changes.run(presentity, (draft) => {
      const known = draft.subscriber(watcher);
      if (known !== undefined && !known.acknowledged) draft.putSubscriber({ ...known, acknowledged: true, context: undefined });
    });
  }
}

const MAX_NAME = 256;
/** Those who were acknowledged long ago are told of again, if they ask again: other domains may have any number of addresses. */
const MAX_REMEMBERED = 5000;

function oldestAcknowledged(subscribers: Iterable<HeldSubscriber>): string | undefined {
  let oldest: HeldSubscriber | undefined;
  for (const one of subscribers) if (one.acknowledged && (oldest === undefined || one.askedAt < oldest.askedAt)) oldest = one;
  return oldest?.user;
}

function waiting(subscribers: Iterable<{ readonly acknowledged: boolean }>): number {
  let count = 0;
  for (const { acknowledged } of subscribers) if (!acknowledged) count++;
  return count;
}
