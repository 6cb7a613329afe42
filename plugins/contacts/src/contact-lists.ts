/** The contact lists of all users: in the store, and in memory while somebody is subscribed to them. */
import { randomUUID } from 'node:crypto';
import { Bus, PluginConfig, Store, inject, injectable } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import { ContactsChanged } from './api.ts';
import type { AccessEntry, Contact, ContactGroup, Contacts, ContactsChange } from './api.ts';
import type { ContactsConfig } from './config.ts';
import { EMPTY_LIST } from './contact-list.ts';
import type { ContactList } from './contact-list.ts';
import { contactUri } from './contact-uri.ts';
import { ListDraft } from './list-draft.ts';
import type { Changed } from './list-draft.ts';
import { deleteList, hasContact, listOwners, loadList, lockList, saveChange } from './rows.ts';
import type { ContactsTables } from './rows.ts';
import { Turns } from './turns.ts';

/** Told of each change after it is committed. */
export type ChangeListener = (userId: string, changed: Changed) => void;

interface Held {
  list: ContactList;
  holders: number;
}

type Owner = Pick<User, 'id' | 'aor'>;

@injectable()
export class ContactLists implements Contacts {
  private readonly held = new Map<string, Held>();
  private readonly turns = new Turns();
  private readonly origin = randomUUID();
  private readonly listeners = new Set<ChangeListener>();

  constructor(
    @inject(Store) private readonly store: Store<ContactsTables>,
    @inject(Directory) private readonly directory: Pick<Directory, 'findByAor'>,
    @inject(Bus) private readonly bus: Pick<Bus, 'publish'>,
    @inject(PluginConfig) private readonly config: Pick<ContactsConfig, 'maxContacts' | 'maxGroups' | 'maxAccessEntries'>,
  ) {}

  /** Lists that are in memory. */
  get heldSize(): number {
    return this.held.size;
  }

  /** Calls `listener` after each change until what it returns is called. */
  onChange(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Keeps a list in memory until as many `release`s as `hold`s were called. Resolves when it is there. */
  hold(userId: string): Promise<void> {
    return this.turns.run(userId, async () => {
      const held = this.held.get(userId);
      if (held !== undefined) held.holders++;
      else this.held.set(userId, { list: await loadList(this.store.read, userId), holders: 1 });
    });
  }

  release(userId: string): void {
    const held = this.held.get(userId);
    if (held !== undefined && --held.holders === 0) this.held.delete(userId);
  }

  /** A list that is held. */
  current(userId: string): ContactList {
    return this.held.get(userId)?.list ?? EMPTY_LIST;
  }

  /** A list, held or not, after all changes that were asked for before. */
  read(userId: string): Promise<ContactList> {
    return this.turns.run(userId, () => this.stored(userId));
  }

  /**
   * Changes a list. The changes of a user are made in the order in which they are asked for.
   * @param edit what it throws is thrown here, and nothing has changed then
   * @param committed called when the change is on the disk, before anybody else is told
   */
  change<T>(owner: Owner, edit: (draft: ListDraft) => T, committed: (result: T, changed: Changed) => void = () => undefined): Promise<T> {
    const { id } = owner;
    return this.turns.run(id, async () => {
      const [result, changed] = await this.store.write(async (trx) => {
        const draft = new ListDraft(await lockList(trx, this.store.dialect, id, this.held.get(id)?.list), this.config);
        const made = edit(draft);
        const done = draft.done();
        await saveChange(trx, id, done);
        return [made, done] as const;
      });
      committed(result, changed);
      this.took(id, this.sinceHeld(id, changed));
      this.bus.publish(ContactsChanged, eventOf(this.origin, owner, changed));
      return result;
    });
  }

  /** Another server has changed a list. Those who hold it here get it whole. */
  async changedElsewhere({ origin, userId }: ContactsChange): Promise<void> {
    if (origin === this.origin) return;
    await this.turns.run(userId, async () => {
      const before = this.held.get(userId)?.list;
      if (before === undefined) return;
      const list = await loadList(this.store.read, userId);
      if (list.deltaNum > before.deltaNum || list.access.deltaNum > before.access.deltaNum)
        this.took(userId, { before, list, entries: [] });
    });
  }

  /** Removes all that is kept of a user who is gone. */
  forget(userId: string): Promise<void> {
    return this.turns.run(userId, async () => {
      await this.store.write((trx) => deleteList(trx, userId));
      const held = this.held.get(userId);
      if (held !== undefined) held.list = EMPTY_LIST;
    });
  }

  /** Ids of the users who have ever changed their list. */
  owners(): Promise<readonly string[]> {
    return listOwners(this.store.read);
  }

  async contactsOf(aor: string): Promise<readonly Contact[]> {
    return [...(await this.listOf(aor)).contacts.values()];
  }

  async groupsOf(aor: string): Promise<readonly ContactGroup[]> {
    return [...(await this.listOf(aor)).groups.values()];
  }

  async accessOf(aor: string): Promise<readonly AccessEntry[]> {
    return [...(await this.listOf(aor)).access.entries.values()];
  }

  has(owner: string, uri: string): Promise<boolean> {
    const user = this.userOf(owner);
    if (user === undefined) return Promise.resolve(false);
    const wanted = contactUri(uri);
    const held = this.held.get(user.id);
    return held === undefined ? hasContact(this.store.read, user.id, wanted) : Promise.resolve(held.list.contacts.has(wanted));
  }

  private listOf(aor: string): Promise<ContactList> {
    const user = this.userOf(aor);
    return user === undefined ? Promise.resolve(EMPTY_LIST) : this.stored(user.id);
  }

  private userOf(aor: string): User | undefined {
    return this.directory.findByAor(aor.replace(/^sips?:/i, ''));
  }

  private async stored(userId: string): Promise<ContactList> {
    return this.held.get(userId)?.list ?? (await loadList(this.store.read, userId));
  }

  /** Another server's change may lie between what is held here and what was just changed: it was not told of yet, so the whole list is. */
  private sinceHeld(userId: string, changed: Changed): Changed {
    const known = this.held.get(userId)?.list;
    if (known === undefined || sameNumbers(known, changed.before)) return changed;
    return { before: known, list: changed.list, entries: [] };
  }

  private took(userId: string, changed: Changed): void {
    const held = this.held.get(userId);
    if (held !== undefined) held.list = changed.list;
    for (const listener of this.listeners) listener(userId, changed);
  }
}

function sameNumbers(one: ContactList, other: ContactList): boolean {
  return one.deltaNum === other.deltaNum && one.access.deltaNum === other.access.deltaNum;
}

function eventOf(origin: string, { id, aor }: Owner, { before, list }: Changed): ContactsChange {
  const added = [...list.contacts.keys()].filter((uri) => !before.contacts.has(uri));
  const removed = [...before.contacts.keys()].filter((uri) => !list.contacts.has(uri));
  return { origin, userId: id, aor, deltaNum: list.deltaNum, aclDeltaNum: list.access.deltaNum, added, removed };
}
