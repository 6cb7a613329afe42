import { afterAll, expect, test } from 'vitest';
import { testServer } from '@parley/sdk/testkit';
import plugin from '@parley/plugin-directory';
import { Directory } from '@parley/plugin-directory/api';
import { readSearch, searchAnswer, searchPeople } from '../src/search.ts';
import type { Condition } from '../src/search.ts';
import { readSoap, soapAnswer } from '../src/soap.ts';

const server = await testServer({
  plugins: [plugin()],
  users: [
    { name: 'bob', displayName: 'Bob Baker', phones: ['+14255550101'] },
    { name: 'bobby', displayName: 'Cole, Bob' },
    { name: 'rob', displayName: 'Jean-Luc van der Bob' },
    { name: 'zoe', displayName: 'Zoë Bobadilla' },
  ],
});
afterAll(() => server.close());
const directory = server.find(Directory);

function found(conditions: readonly Condition[], maxResults = 100): string[] {
  return searchPeople(directory, { conditions, maxResults }).users.map(({ aor }) => aor.slice(0, aor.indexOf('@')));
}
const by = (attribute: string, value: string): Condition => ({ attribute, value });

test.each([
  ['givenName', 'bob', ['bob', 'bobby', 'rob', 'zoe']],
  ['sn', 'Baker', ['bob']],
  ['givenName', 'jean', ['rob']],
  ['sn', 'van der', ['rob']],
  ['givenName', 'ob', []],
  ['displayName', 'Cole Bob', ['bobby']],
  ['givenName', 'ZOË', ['zoe']],
  ['mail', 'bob@', ['bob']],
  ['msRTCSIP-PrimaryUserAddress', 'sip:bob', ['bob', 'bobby']],
  ['msRTCSIP-PrimaryUserAddress', 'sip:bob@example.com', ['bob']],
  ['telephoneNumber', '+1 (425) 555', ['bob']],
  ['company', 'Example', []],
  ['nonsense', 'bob', []],
])('MS-ABWQ R13: %s beginning with %j', (attribute, value, users) => {
  expect(found([by(attribute, value)])).toEqual(users);
});

test('MS-ABWQ R13: every condition must hold', () => {
  expect(found([by('givenName', 'Bob'), by('sn', 'Baker')])).toEqual(['bob']);
  expect(found([by('givenName', 'Bob'), by('company', 'Example')])).toEqual([]);
});

test('MS-ABWQ R13: the answer has as many as were asked for, and says that there are more', () => {
  const limited = searchPeople(directory, { conditions: [by('givenName', 'bob')], maxResults: 2 });
  expect([limited.users.length, limited.more]).toEqual([2, true]);
  expect(searchPeople(directory, { conditions: [by('givenName', 'bob')], maxResults: 4 }).more).toBe(false);
});

test('MS-ABWQ R14: a search for nothing finds nobody', () => {
  expect(found([])).toEqual([]);
});

test('the answer is in the form that clients read', () => {
  const answer = soapAnswer(...searchAnswer({ users: directory.list({ limit: 2 }).users, more: true }));
  expect(answer).toContain(
    '<m:directorySearch><m:moreAvailable>true</m:moreAvailable><m:returned>2</m:returned><m:value m:href="#rows"/></m:directorySearch>' +
      '<m:Array m:id="rows"><m:row m:uri="sip:bob@example.com" m:displayName="Bob Baker" m:phone="+14255550101"/>' +
      '<m:row m:uri="sip:bobby@example.com" m:displayName="Cole, Bob"/></m:Array>',
  );
  expect(soapAnswer(...searchAnswer({ users: [], more: false }))).toContain('<m:Array m:id="rows"/>');
});

function request(maxResults: string, rows: string): ReturnType<typeof readSoap> {
  const namespaces = 'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"';
  const search = `<m:directorySearch><m:filter m:href="#a"/>${maxResults}</m:directorySearch><m:Array m:id="a">${rows}</m:Array>`;
  return readSoap(Buffer.from(`<s:Envelope ${namespaces}><s:Body>${search}</s:Body></s:Envelope>`));
}

test.each([
  ['<m:maxResults>5</m:maxResults>', 5],
  ['<m:maxResults>5000</m:maxResults>', 100],
  ['<m:maxResults>-1</m:maxResults>', 100],
  ['<m:maxResults>x</m:maxResults>', 100],
  ['', 100],
])('%s: a search has at most %i results', (maxResults, limit) => {
  expect(readSearch(request(maxResults, ''), 100).maxResults).toBe(limit);
});

test('empty values are passed over; too many and too long ones are refused', () => {
  expect(readSearch(request('', '<m:row m:attrib="sn" m:value=" "/><m:row attrib="sn" value="B"/>'), 100).conditions).toEqual([
    by('sn', 'B'),
  ]);
  expect(() => readSearch(request('', '<m:row m:attrib="sn" m:value="B"/>'.repeat(11)), 100)).toThrow(
    expect.objectContaining({ code: 'CONTACTS_MALFORMED' }),
  );
  expect(() => readSearch(request('', `<m:row m:attrib="sn" m:value="${'B'.repeat(257)}"/>`), 100)).toThrow(
    expect.objectContaining({ code: 'CONTACTS_VALUE_TOO_LONG' }),
  );
});
