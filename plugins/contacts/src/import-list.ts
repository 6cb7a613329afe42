/** What an import does with one list. Pure. */
import { DEFAULT_GROUP } from './contact-list.ts';
import { contactUri } from './contact-uri.ts';
import type { ExchangedList } from './exchange.ts';
import type { ListDraft } from './list-draft.ts';

/**
 * Adds and changes contacts, and groups by name.
 * @param replace whether contacts and groups that are not imported go
 * @throws CONTACTS_URI_MALFORMED, CONTACTS_LIMIT, CONTACTS_GROUP_LIMIT
 */
export function importList(draft: ListDraft, { groups, contacts }: ExchangedList, replace: boolean): void {
  const wanted = new Map(contacts.map((contact) => [contactUri(contact.uri), contact]));
  const names = new Set([...groups, ...contacts.flatMap((contact) => contact.groups)]);
  if (replace) clear(draft, wanted, names);
  const ids = new Map([...names].map((name) => [name, draft.named(name)?.id ?? draft.addGroup(name, '')]));
  for (const [uri, { name, groups: wantedGroups, subscribed }] of wanted) {
    draft.setContact({ uri, name, groups: wantedGroups.flatMap((group) => ids.get(group) ?? []), subscribed });
  }
}

/** Removes all contacts and groups but these; who stays leaves the groups that go. */
function clear(draft: ListDraft, contacts: ReadonlyMap<string, unknown>, groups: ReadonlySet<string>): void {
  for (const uri of draft.before.contacts.keys()) {
    if (contacts.has(uri)) draft.setContact({ uri, groups: [DEFAULT_GROUP] });
    else draft.deleteContact(uri);
  }
  for (const { id, name } of draft.before.groups.values()) if (id !== DEFAULT_GROUP && !groups.has(name)) draft.deleteGroup(id);
}
