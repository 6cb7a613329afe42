import { expect, test } from 'vitest';
import { EMPTY_LIST } from '../src/contact-list.ts';
import { contactUri } from '../src/contact-uri.ts';
import { ListDraft } from '../src/list-draft.ts';
import type { Changed } from '../src/list-draft.ts';
import { OPERATIONS, clientDeltaNum } from '../src/operations.ts';
import { readSoap, soapAnswer } from '../src/soap.ts';

const LIMITS = { maxContacts: 1000, maxGroups: 64, maxAccessEntries: 1000 };

function envelope(operation: string): Buffer {
  const namespaces = 'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"';
  return Buffer.from(`<s:Envelope ${namespaces}><s:Body>${operation}</s:Body></s:Envelope>`);
}

/** What an operation does with an empty list. */
function done(text: string): Changed & { answer: string } {
  const { operation } = readSoap(envelope(text));
  const draft = new ListDraft(EMPTY_LIST, LIMITS);
  const answer = OPERATIONS[operation.local]?.(operation)(draft);
  return { ...draft.done(), answer: answer === undefined ? '' : soapAnswer(answer) };
}

test('setContact: address, name, groups, extension and all', () => {
  const { list } = done(
    '<m:setContact><m:displayName> Dave &amp; Co </m:displayName><m:groups>1 </m:groups><m:subscribed>false</m:subscribed><m:URI>sip:Dave@Example.com</m:URI>' +
      '<m:externalURI>ldap:x</m:externalURI><m:deltaNum>1</m:deltaNum><m:contactExtension><contactSettings xmlns="urn:x" contactId="7">' +
      '<tag/></contactSettings></m:contactExtension></m:setContact>',
  );
  expect([...list.contacts.values()]).toEqual([
    {
      uri: 'dave@example.com',
      name: 'Dave & Co',
      groups: [1],
      subscribed: false,
      externalUri: 'ldap:x',
      extension: '<contactSettings xmlns="urn:x" contactId="7"><tag/></contactSettings>',
    },
  ]);
});

test('setContact of [MS-SIP] 4.6, with no group at all', () => {
  const { list } = done(
    '<m:setContact><m:displayName>buddy 1</m:displayName><m:groups /><m:subscribed>true</m:subscribed><m:URI>sip:user4@server.contoso.com</m:URI><m:externalURI /><m:deltaNum>12</m:deltaNum></m:setContact>',
  );
  expect(list.contacts.get('user4@server.contoso.com')).toMatchObject({ name: 'buddy 1', groups: [1], subscribed: true });
});

test('MS-SIPREGE R14: the answer to addGroup has the id of the group', () => {
  expect(done('<m:addGroup><m:name>Friends</m:name><m:externalURI/><m:deltaNum>16</m:deltaNum></m:addGroup>').answer).toBe(
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip">' +
      '<s:Body><m:addGroup><m:groupID>2</m:groupID></m:addGroup></s:Body></s:Envelope>',
  );
});

test('setACE of [MS-SIP] 4.10, and those for a domain and for everybody', () => {
  const ace = (type: string, mask: string, rights: string): unknown =>
    done(`<m:setACE><m:type>${type}</m:type><m:mask>${mask}</m:mask><m:rights>${rights}</m:rights><m:deltaNum>2</m:deltaNum></m:setACE>`)
      .entries[0];
  expect(ace('USER', 'sip:user3@server.contoso.com', 'AA')).toMatchObject({
    entry: { type: 'USER', mask: 'user3@server.contoso.com', rights: 'AA' },
  });
  expect(ace('DOMAIN', 'Contoso.com', 'bd')).toMatchObject({ entry: { type: 'DOMAIN', mask: 'contoso.com', rights: 'BD' } });
  expect(ace('ALL', '', 'PA')).toMatchObject({ entry: { type: 'ALL', mask: '', rights: 'PA' } });
});

test.each([
  ['<m:setContact/>', 'CONTACTS_MALFORMED', 'setContact has no URI'],
  ['<m:setContact><m:URI>bob</m:URI></m:setContact>', 'CONTACTS_URI_MALFORMED', '"bob" is no address'],
  [`<m:setContact><m:URI>sip:${'b'.repeat(450)}@x</m:URI></m:setContact>`, 'CONTACTS_VALUE_TOO_LONG', 'URI has 456 characters'],
  ['<m:setContact><m:URI>sip:b@x</m:URI><m:groups>1 x</m:groups></m:setContact>', 'CONTACTS_VALUE_MALFORMED', 'a group is x'],
  ['<m:setContact><m:URI>sip:b@x</m:URI><m:groups>65</m:groups></m:setContact>', 'CONTACTS_VALUE_MALFORMED', 'a group is 65'],
  [
    '<m:setContact><m:URI>sip:b@x</m:URI><m:subscribed>maybe</m:subscribed></m:setContact>',
    'CONTACTS_VALUE_MALFORMED',
    'subscribed is maybe',
  ],
  [
    `<m:setContact><m:URI>sip:b@x</m:URI><m:displayName>${'n'.repeat(257)}</m:displayName></m:setContact>`,
    'CONTACTS_VALUE_TOO_LONG',
    'displayName has 257',
  ],
  [
    `<m:setContact><m:URI>sip:b@x</m:URI><m:externalURI>${'n'.repeat(2049)}</m:externalURI></m:setContact>`,
    'CONTACTS_VALUE_TOO_LONG',
    'externalURI has 2049',
  ],
  [
    `<m:setContact><m:URI>sip:b@x</m:URI><m:contactExtension><a>${'n'.repeat(1024)}</a></m:contactExtension></m:setContact>`,
    'CONTACTS_VALUE_TOO_LONG',
    'contactExtension has 1031',
  ],
  ['<m:addGroup><m:name> </m:name></m:addGroup>', 'CONTACTS_MALFORMED', 'addGroup has no name'],
  [`<m:addGroup><m:name>${'n'.repeat(257)}</m:name></m:addGroup>`, 'CONTACTS_VALUE_TOO_LONG', 'name has 257'],
  [
    `<m:addGroup><m:name>n</m:name><m:externalURI>${'n'.repeat(1025)}</m:externalURI></m:addGroup>`,
    'CONTACTS_VALUE_TOO_LONG',
    'externalURI has 1025',
  ],
  ['<m:deleteGroup><m:groupID>0</m:groupID></m:deleteGroup>', 'CONTACTS_VALUE_MALFORMED', 'a group is 0'],
  ['<m:setACE><m:type>USER</m:type><m:mask>sip:b@x</m:mask><m:rights>XX</m:rights></m:setACE>', 'CONTACTS_VALUE_MALFORMED', 'rights is XX'],
  ['<m:setACE><m:type>GROUP</m:type><m:mask>x</m:mask><m:rights>AA</m:rights></m:setACE>', 'CONTACTS_VALUE_MALFORMED', 'type is GROUP'],
  ['<m:setACE><m:type>DOMAIN</m:type><m:mask>x y</m:mask><m:rights>AA</m:rights></m:setACE>', 'CONTACTS_VALUE_MALFORMED', 'mask is x y'],
])('%.60s is refused: %s, %s', (operation, code, sentence) => {
  expect(() => done(operation)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(sentence) as string }));
});

test.each([
  ['', 'CONTACTS_MALFORMED', 400],
  ['<a', 'CONTACTS_MALFORMED', 400],
  ['<!DOCTYPE a><a/>', 'CONTACTS_MALFORMED', 400],
  ['<a/>', 'CONTACTS_MALFORMED', 400],
  [envelope('').toString(), 'CONTACTS_MALFORMED', 400],
  [envelope('<a>'.repeat(30) + '</a>'.repeat(30)).toString(), 'CONTACTS_MALFORMED', 400],
  [envelope('<a/>'.repeat(1001)).toString(), 'CONTACTS_MALFORMED', 400],
  [envelope('x'.repeat(70_000)).toString(), 'CONTACTS_TOO_LARGE', 413],
])('a body that is no request is refused (%#: %.30s)', (body, code, status) => {
  expect(() => readSoap(Buffer.from(body))).toThrow(expect.objectContaining({ code, status }));
});

test('the number of a client is optional, and nothing but a number', () => {
  const told = (deltaNum: string): number | undefined =>
    clientDeltaNum(readSoap(envelope(`<m:deleteContact><m:URI>sip:b@x</m:URI>${deltaNum}</m:deleteContact>`)).operation);
  expect(['<m:deltaNum>7</m:deltaNum>', '', '<m:deltaNum>-1</m:deltaNum>', '<m:deltaNum>x</m:deltaNum>'].map(told)).toEqual([
    7,
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ['sip:Bob@Example.com', 'bob@example.com'],
  ['bob@example.com', 'bob@example.com'],
  ['SIPS:bob@example.com', 'bob@example.com'],
  ['sip:+14255550100@example.com;user=phone', '+14255550100@example.com;user=phone'],
  ['tel:+1-425-555-0100;ext=7', 'tel:+1-425-555-0100;ext=7'],
])('MS-PRES R31: %s is kept as %s', (written, kept) => {
  expect(contactUri(written)).toBe(kept);
});

test.each(['', 'sip:', 'sip:example.com', 'bob', 'http://example.com/', 'bob@a b', 'a@b@c', 'tel:', '<bob@x>', 'bob\u0007@x'])(
  '%j is no address of a contact',
  (written) => {
    expect(() => contactUri(written)).toThrow(expect.objectContaining({ code: 'CONTACTS_URI_MALFORMED' }));
  },
);
