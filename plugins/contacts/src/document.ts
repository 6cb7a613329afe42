/** What subscribers are sent, as XML. Pure. Forms of [MS-SIP] sections 2.2.3 and 2.2.4.1; no namespaces, as the servers of the family send it. */
import { Markup, xmlElement } from '@parley/sdk';
import type { Contact, ContactGroup } from './api.ts';
import type { ContactList } from './contact-list.ts';
import { withScheme } from './contact-uri.ts';
import type { Changed, ListEntry } from './list-draft.ts';

/** Event packages and the content types of their documents. */
export const CONTACTS_PACKAGE = 'vnd-microsoft-roaming-contacts';
export const CONTACTS_TYPE = 'application/vnd-microsoft-roaming-contacts+xml';
export const ACL_PACKAGE = 'vnd-microsoft-roaming-ACL';
export const ACL_TYPE = 'application/vnd-microsoft-roaming-acls+xml';

/** The whole list. Addresses have no scheme: clients put it before each. */
export function listDocument({ deltaNum, groups, contacts }: ContactList): string {
  const content = [
    [...groups.values()].map((group) => groupElement('group', group)),
    [...contacts.values()].map((contact) => contactElement('contact', contact, contact.uri)),
  ];
  return xmlElement('contactList', { deltaNum }, content).text;
}

/**
 * What one operation has changed. The schema has one element in it; an import, which changes more, is told as the whole list.
 * @param scheme whether addresses have `sip:` here. pidgin-sipe takes them as they are, and makes a second, dead contact of one without
 */
export function changeDocument({ before, list, entries }: Changed, scheme: boolean): string {
  const [entry, ...more] = entries;
  if (entry === undefined || entry.kind === 'access' || more.length > 0) return listDocument(list);
  const written = (uri: string): string => (scheme ? withScheme(uri) : uri);
  return xmlElement('contactDelta', { deltaNum: list.deltaNum, prevDeltaNum: before.deltaNum }, entryElement(entry, written)).text;
}

function entryElement(entry: Exclude<ListEntry, { kind: 'access' }>, written: (uri: string) => string): Markup {
  switch (entry.kind) {
    case 'addedGroup':
    case 'modifiedGroup':
      return groupElement(entry.kind, entry.group);
    case 'deletedGroup':
      return xmlElement(entry.kind, { id: entry.id });
    case 'addedContact':
    case 'modifiedContact':
      return contactElement(entry.kind, entry.contact, written(entry.contact.uri));
    default:
      return xmlElement(entry.kind, { uri: written(entry.uri) });
  }
}

function groupElement(name: string, { id, name: title, externalUri }: ContactGroup): Markup {
  return xmlElement(name, { id, name: title, externalURI: externalUri });
}

/** No blank behind the last group id: a client would take it for one more group. */
function contactElement(element: string, { name, groups, subscribed, externalUri, extension }: Contact, uri: string): Markup {
  const attributes = { uri, name, groups: groups.join(' '), subscribed: String(subscribed), externalURI: externalUri };
  return xmlElement(element, attributes, extension === '' ? undefined : xmlElement('contactExtension', {}, new Markup(extension)));
}

/** The whole list of access control entries; changes are told in the same way. */
export function aclDocument({ access }: ContactList): string {
  const aces = [...access.entries.values()].map(({ type, mask, rights }) =>
    xmlElement('ace', { type, mask: type === 'USER' ? withScheme(mask) : mask, rights }),
  );
  return xmlElement('ACLlist', { deltaNum: access.deltaNum }, xmlElement('userACL', {}, aces)).text;
}
