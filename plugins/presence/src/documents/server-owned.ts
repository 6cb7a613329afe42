/** What the server publishes of a user from the directory. [MS-PRES] R7, S1, S8, S9; sheet ms-pres-schemas sections 3.8 and 3.11. */
import { xmlElement } from '@parley/sdk';
import type { Markup } from '@parley/sdk';
import type { ServerPublication } from './category.ts';
import { CONTAINERS } from './containers.ts';
import { NAMESPACES } from './namespaces.ts';

/** What the directory knows of a user. */
export interface DirectoryCard {
  readonly aor: string;
  readonly displayName: string;
  /** Default: the address of record. */
  readonly email?: string | undefined;
  readonly company?: string | undefined;
  readonly department?: string | undefined;
  readonly title?: string | undefined;
  readonly office?: string | undefined;
  /** E.164, as `+14255550100` or `+14255550100;ext=100`; the first is the line of the user's client. */
  readonly phones?: readonly string[] | undefined;
}

/** Instances of contactCard: who it is; what the address book says. */
const IDENTITY = 0;
const ADDRESS_BOOK = 3;
const { default: everybody, self, external, colleagues, workgroup, friends, blocked } = CONTAINERS;

/** All of them; publish those whose content is another than before. */
export function directoryPublications(card: DirectoryCard): readonly ServerPublication[] {
  const cards = [
    ...[everybody, external, colleagues, workgroup, friends].map((at) => cardIn(at, IDENTITY, identity(card))),
    cardIn(external, ADDRESS_BOOK, work({ company: card.company, title: card.title })),
    ...[colleagues, workgroup, friends].map((at) => cardIn(at, ADDRESS_BOOK, work(card))),
    ...[IDENTITY, ADDRESS_BOOK].map((instance) => cardIn(blocked, instance, [])),
  ];
  return [{ name: 'userProperties', instance: 0, container: self, expireType: 'static', content: userProperties(card) }, ...cards];
}

function cardIn(container: number, instance: number, content: readonly (Markup | undefined)[]): ServerPublication {
  const document = xmlElement('contactCard', { xmlns: NAMESPACES.contactCard }, content).text;
  return { name: 'contactCard', instance, container, expireType: 'static', content: document };
}

function identity({ aor, displayName, email = aor }: DirectoryCard): readonly Markup[] {
  const name = xmlElement('name', {}, xmlElement('displayName', {}, displayName || aor));
  return [xmlElement('identity', {}, name, xmlElement('email', {}, email))];
}

/** In the order of the schema. */
function work({
  company,
  department,
  title,
  office,
  phones = [],
}: Omit<DirectoryCard, 'aor' | 'displayName'>): readonly (Markup | undefined)[] {
  const [number] = phones;
  const phone =
    number === undefined
      ? undefined
      : xmlElement('phone', { type: 'work' }, xmlElement('uri', {}, `tel:${number}`), xmlElement('displayString', {}, shown(number)));
  return [optional('company', company), optional('department', department), optional('title', title), optional('office', office), phone];
}

function optional(name: string, text: string | undefined): Markup | undefined {
  return text === undefined || text === '' ? undefined : xmlElement(name, {}, text);
}

/** `+14255550100;ext=100` as people read it. */
function shown(number: string): string {
  const [digits = '', ...parameters] = number.split(';');
  const extension = parameters.find((parameter) => parameter.startsWith('ext='))?.slice('ext='.length);
  return extension === undefined ? digits : `${digits} X${extension}`;
}

/** No line server is ever named: clients would look for a gateway to a telephone system there. */
function userProperties({ phones = [] }: DirectoryCard): string {
  const lines = phones.slice(0, 1).map((number) => xmlElement('line', { lineType: 'Uc' }, `tel:${number}`));
  const empty = ['facsimileTelephoneNumber', 'streetAddress', 'l', 'st', 'countryCode', 'postalCode', 'wWWHomePage'];
  return xmlElement(
    'userProperties',
    { xmlns: NAMESPACES.categories },
    xmlElement('lines', {}, lines),
    xmlElement('telephonyMode', {}, lines.length === 0 ? 'None' : 'Uc'),
    empty.map((name) => xmlElement(name)),
    xmlElement('exumEnabled', {}, 0),
    xmlElement('exumURL'),
  ).text;
}
