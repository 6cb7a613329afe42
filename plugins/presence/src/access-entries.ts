/** Access control entries of LCS 2005 as membership of containers: who is blocked there is in container 32000 here. Sheet ms-pres section 3.9 */
import { PluginConfig, inject, injectable } from '@parley/sdk';
import type { PresenceAccess, PresenceAccessEntry } from '@parley/sdk';
import { Changes } from './changes.ts';
import type { PresenceConfig } from './config.ts';
import { CONTAINERS, addressOf } from './documents/index.ts';
import type { ContainerMember, MemberChange } from './documents/index.ts';
import type { Draft } from './draft.ts';
import { PresenceErrors } from './errors.ts';
import { Presentities } from './presentities.ts';
import { changeMembers } from './publish.ts';

/** Deny, and block politely. */
const BLOCKS = /^[DB]/;
const { blocked, colleagues } = CONTAINERS;
/** `ALL` in LCS is weaker than any name, and so are these; `everyone` alone would be weaker than `sameEnterprise` in container 200. */
const ALL: readonly ContainerMember[] = [{ type: 'sameEnterprise' }, { type: 'federated' }, { type: 'publicCloud' }, { type: 'everyone' }];

@injectable()
export class AccessEntries implements PresenceAccess {
  constructor(
    @inject(Presentities) private readonly presentities: Presentities,
    @inject(Changes) private readonly changes: Changes,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'limits'>,
  ) {}

  /** @throws PRESENCE_USER_UNKNOWN, PRESENCE_LIMIT, PRESENCE_BUSY, PRESENCE_NOT_STORED */
  async apply(owner: string, entry: PresenceAccessEntry): Promise<void> {
    const presentity = this.presentities.of(owner);
    if (presentity === undefined) throw PresenceErrors.PRESENCE_USER_UNKNOWN({ aor: owner });
    await this.changes.run(presentity, (draft) => {
      const members = membersOf(entry);
      const blocks = BLOCKS.test(entry.rights);
      this.change(draft, owner, blocked, blocks ? 'add' : 'remove', members);
      // Where all are blocked, or a whole domain, who is allowed has to be named.
      const named = blocks || entry.type === 'ALL' ? [] : members;
      if (named.length > 0 && isIn(draft, blocked, ({ type }) => type !== 'user')) this.change(draft, owner, colleagues, 'add', named);
      // Who has been decided about is not asked about again.
      const asking = entry.type === 'USER' ? draft.subscriber(entry.mask) : undefined;
      if (asking !== undefined && !asking.acknowledged) draft.putSubscriber({ ...asking, acknowledged: true, context: undefined });
    });
  }

  /** Only what is different, so that a version does not grow for nothing. */
  private change(draft: Draft, aor: string, id: number, action: MemberChange['action'], members: readonly ContainerMember[]): void {
    const changes = members
      .filter(({ type, value }) => isIn(draft, id, (member) => member.type === type && member.value === value) !== (action === 'add'))
      .map((member): MemberChange => ({ action, member }));
    if (changes.length > 0) changeMembers(draft, { id, version: 0, changes }, aor, this.config.limits);
  }
}

function isIn(draft: Draft, id: number, fits: (member: ContainerMember) => boolean): boolean {
  return draft.container(id)?.members.some(fits) ?? false;
}

/** A telephone number sees nobody. */
function membersOf({ type, mask }: PresenceAccessEntry): readonly ContainerMember[] {
  if (type === 'ALL') return ALL;
  if (type === 'DOMAIN') return [{ type: 'domain', value: mask }];
  const value = addressOf(mask);
  return value === undefined ? [] : [{ type: 'user', value }];
}
