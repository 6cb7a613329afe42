/** The operations on contacts, groups and access control entries: from SOAP to what they do with a list. [MS-SIP] section 2.2.4.2. */
import { xmlElement } from '@parley/sdk';
import type { Markup, XmlElement } from '@parley/sdk';
import type { AccessEntry, AceType } from './api.ts';
import { LAST_GROUP_ID } from './contact-list.ts';
import { MAX_URI, contactUri } from './contact-uri.ts';
import { ContactsErrors } from './errors.ts';
import type { ListDraft } from './list-draft.ts';
import { neededText, optionalMarkup, optionalText } from './soap.ts';

/** Longest values, in characters. [MS-PRES] sheet section 5. */
export const MAX_NAME = 256;
const MAX_CONTACT_EXTERNAL_URI = 2048;
const MAX_GROUP_EXTERNAL_URI = 1024;
const MAX_EXTENSION_BYTES = 1024;
/** All group ids with blanks between them. */
const MAX_GROUPS = 1000;
const MAX_NUMBER = 10;

/** What an operation does. It returns what the answer says besides that it was done. */
export type Edit = (draft: ListDraft) => Markup | undefined;

/** An operation by the name of its element. Throws CONTACTS_* for values that are none. */
export const OPERATIONS: Readonly<Record<string, (operation: XmlElement) => Edit>> = {
  setContact(operation) {
    const contact = {
      uri: contactUri(neededText(operation, 'URI', MAX_URI)),
      ...defined({
        name: optionalText(operation, 'displayName', MAX_NAME),
        groups: groupIds(optionalText(operation, 'groups', MAX_GROUPS)),
        subscribed: truth(optionalText(operation, 'subscribed', MAX_NUMBER)),
        externalUri: optionalText(operation, 'externalURI', MAX_CONTACT_EXTERNAL_URI),
        extension: optionalMarkup(operation, 'contactExtension', MAX_EXTENSION_BYTES),
      }),
    };
    return silent((draft) => draft.setContact(contact));
  },
  deleteContact(operation) {
    const uri = contactUri(neededText(operation, 'URI', MAX_URI));
    return silent((draft) => draft.deleteContact(uri));
  },
  addGroup(operation) {
    const name = neededText(operation, 'name', MAX_NAME);
    const externalUri = optionalText(operation, 'externalURI', MAX_GROUP_EXTERNAL_URI) ?? '';
    return (draft) => xmlElement('m:addGroup', {}, xmlElement('m:groupID', {}, draft.addGroup(name, externalUri)));
  },
  modifyGroup(operation) {
    const id = groupId(neededText(operation, 'groupID', MAX_NUMBER));
    const name = neededText(operation, 'name', MAX_NAME);
    const externalUri = optionalText(operation, 'externalURI', MAX_GROUP_EXTERNAL_URI);
    return silent((draft) => draft.modifyGroup(id, name, externalUri));
  },
  deleteGroup(operation) {
    const id = groupId(neededText(operation, 'groupID', MAX_NUMBER));
    return silent((draft) => draft.deleteGroup(id));
  },
  setACE(operation) {
    const entry = accessEntry(operation);
    return silent((draft) => draft.setAccess(entry));
  },
};

/** The number of the list that the client believes in; undefined when it says none. */
export function clientDeltaNum(operation: XmlElement): number | undefined {
  const text = optionalText(operation, 'deltaNum', MAX_NUMBER);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Numbers with blanks between them; some clients leave one at the end. */
function groupIds(text: string | undefined): readonly number[] | undefined {
  return text?.split(/\s+/).flatMap((word) => (word === '' ? [] : [groupId(word)]));
}

function groupId(text: string): number {
  const id = Number(text);
  if (/^\d{1,2}$/.test(text) && id >= 1 && id <= LAST_GROUP_ID) return id;
  throw ContactsErrors.CONTACTS_VALUE_MALFORMED({ field: 'a group', found: text, wanted: `a number from 1 to ${LAST_GROUP_ID}` });
}

/** As in XML Schema. */
function truth(text: string | undefined): boolean | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw ContactsErrors.CONTACTS_VALUE_MALFORMED({ field: 'subscribed', found: text, wanted: 'true or false' });
}

const DOMAIN = /^[a-z\d](?:[a-z\d.-]{0,252}[a-z\d])?$/;

/** The entry that a setACE sets. Throws CONTACTS_* for values that are none. */
export function accessEntry(operation: XmlElement): AccessEntry {
  const type = neededText(operation, 'type', MAX_NUMBER).toUpperCase();
  const mask = optionalText(operation, 'mask', MAX_URI) ?? '';
  const rights = neededText(operation, 'rights', MAX_NUMBER).toUpperCase();
  if (!/^[APDB][AD]$/.test(rights)) {
    throw ContactsErrors.CONTACTS_VALUE_MALFORMED({ field: 'rights', found: rights, wanted: 'one of A, P, D, B and one of A, D' });
  }
  return { type: type as AceType, mask: maskOf(type, mask), rights };
}

function maskOf(type: string, mask: string): string {
  if (type === 'USER') return contactUri(mask);
  if (type === 'ALL') return '';
  if (type !== 'DOMAIN') throw ContactsErrors.CONTACTS_VALUE_MALFORMED({ field: 'type', found: type, wanted: 'ALL, DOMAIN or USER' });
  const domain = mask.toLowerCase();
  if (!DOMAIN.test(domain)) throw ContactsErrors.CONTACTS_VALUE_MALFORMED({ field: 'mask', found: mask.slice(0, 60), wanted: 'a domain' });
  return domain;
}

function silent(edit: (draft: ListDraft) => void): Edit {
  return (draft) => {
    edit(draft);
    return undefined;
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
