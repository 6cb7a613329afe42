/** Search for people by SIP: which ones are meant, and the answer. Pure but for the directory. [MS-ABWQ] sheet section 3.5, R13, R14. */
import { xmlElement } from '@parley/sdk';
import type { Markup, XmlElement } from '@parley/sdk';
import type { Directory, User } from '@parley/plugin-directory/api';
import { withScheme } from './contact-uri.ts';
import { ContactsErrors } from './errors.ts';
import { SIP_NAMESPACE, optionalText } from './soap.ts';
import type { SoapRequest } from './soap.ts';

/** One condition; all of a search must hold. */
export interface Condition {
  /** As the client writes it: `givenName`, `msRTCSIP-PrimaryUserAddress` ... */
  readonly attribute: string;
  readonly value: string;
}

/** What is searched for. */
export interface Search {
  readonly conditions: readonly Condition[];
  readonly maxResults: number;
}

/** Who was found. */
export interface Found {
  readonly users: readonly User[];
  /** There are others. */
  readonly more: boolean;
}

const MAX_CONDITIONS = 10;
const MAX_VALUE = 256;
/** Of those that the longest word alone leads to, so many are looked at. */
const MAX_LOOKED_AT = 10_000;

/** @param limit people in one answer. Throws CONTACTS_MALFORMED, CONTACTS_VALUE_TOO_LONG. */
export function readSearch({ operation, beside }: SoapRequest, limit: number): Search {
  const rows = beside.filter((element) => element.is('Array', SIP_NAMESPACE)).flatMap((array) => array.all('row', SIP_NAMESPACE));
  if (rows.length > MAX_CONDITIONS) throw ContactsErrors.CONTACTS_MALFORMED({ reason: `it has more than ${MAX_CONDITIONS} conditions` });
  const conditions = rows.flatMap((row) => {
    const [attribute, value] = [attributeOf(row, 'attrib'), attributeOf(row, 'value').trim()];
    if (value.length > MAX_VALUE) throw ContactsErrors.CONTACTS_VALUE_TOO_LONG({ field: 'a value', found: value.length, limit: MAX_VALUE });
    return value === '' ? [] : [{ attribute, value }];
  });
  const wanted = Number(optionalText(operation, 'maxResults', MAX_VALUE) ?? limit);
  return { conditions, maxResults: Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, limit) : limit };
}

function attributeOf(row: XmlElement, name: string): string {
  return row.attribute(name, SIP_NAMESPACE) ?? row.attribute(name) ?? '';
}

/** How an attribute is compared; one that users do not have here matches nobody. */
const MATCHES: Readonly<Record<string, (user: User, value: string) => boolean>> = {
  givenname: nameMatches,
  sn: nameMatches,
  displayname: nameMatches,
  mail: addressMatches,
  mailnickname: addressMatches,
  'msrtcsip-primaryuseraddress': addressMatches,
  telephonenumber: (user, value) => user.phones.some((phone) => digits(phone).startsWith(digits(value))),
};

/** Enabled users for whom every condition holds, by address. Nobody without a condition. */
export function searchPeople(directory: Pick<Directory, 'list'>, { conditions, maxResults }: Search): Found {
  const tests = conditions.map(({ attribute, value }) => {
    const matches = MATCHES[attribute.toLowerCase()];
    return matches === undefined ? undefined : (user: User) => matches(user, value);
  });
  if (tests.length === 0 || tests.includes(undefined)) return { users: [], more: false };
  const page = directory.list({ filter: longestWord(conditions), enabled: true, limit: MAX_LOOKED_AT });
  const users = page.users.filter((user) => tests.every((test) => test?.(user) === true));
  return { users: users.slice(0, maxResults), more: users.length > maxResults || page.total > page.users.length };
}

/** Part of every name, address or number that can match: what the directory looks for. */
function longestWord(conditions: readonly Condition[]): string {
  const words = conditions.flatMap(({ attribute, value }) => {
    if (attribute.toLowerCase() === 'telephonenumber') return [digits(value)];
    return addressOf(value).split(WORD_ENDS);
  });
  return words.reduce((longest, word) => (word.length > longest.length ? word : longest), '');
}

const WORD_ENDS = /[\s,.;:'"()-]+/;

/** One or several words begin one or several words of the display name: the directory does not tell given names from others. */
function nameMatches(user: User, value: string): boolean {
  return ` ${words(user.displayName)}`.includes(` ${words(value)}`);
}

function words(text: string): string {
  return text.toLowerCase().split(WORD_ENDS).filter(Boolean).join(' ');
}

/** Addresses serve as mail addresses, too. */
function addressMatches(user: User, value: string): boolean {
  return user.aor.startsWith(addressOf(value));
}

function addressOf(value: string): string {
  return value.toLowerCase().replace(/^(?:sips?|mailto):/, '');
}

function digits(phone: string): string {
  return phone.replaceAll(/\D/g, '');
}

/** The operation's answer, and the array that it speaks of. */
export function searchAnswer({ users, more }: Found): readonly Markup[] {
  const rows = users.map((user) =>
    xmlElement('m:row', { 'm:uri': withScheme(user.aor), 'm:displayName': user.displayName, 'm:phone': user.phones[0] }),
  );
  return [
    xmlElement(
      'm:directorySearch',
      {},
      xmlElement('m:moreAvailable', {}, String(more)),
      xmlElement('m:returned', {}, rows.length),
      xmlElement('m:value', { 'm:href': '#rows' }),
    ),
    xmlElement('m:Array', { 'm:id': 'rows' }, rows),
  ];
}
