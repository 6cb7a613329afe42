/** What a user's own endpoints say and are told. */
import { describe, expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import {
  CONTENT_TYPES,
  directoryPublications,
  readRoamingList,
  readSetSubscribers,
  roamingDataDocument,
  versionFault,
} from '../../src/documents/index.ts';
import { captured } from './captures.ts';
import { compact, refusal } from './errors-of.ts';

const at = Date.UTC(2024, 0, 1, 8);
const ALICE = { aor: 'alice@example.com', displayName: 'Alice Adams' };

describe('roamingData', () => {
  test('MS-PRES R6: a client says which sets it wants', () => {
    expect([...readRoamingList(captured('roaming-list'))]).toEqual(['categories', 'containers', 'subscribers']);
    expect([...readRoamingList('')]).toEqual(['categories', 'containers', 'subscribers', 'delegates']);
  });

  test('MS-PRES R6: sets that nobody knows are passed over; other documents are refused', () => {
    const list = (type: string): string =>
      `<roamingList xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self"><roaming type="${type}"/></roamingList>`;
    expect([...readRoamingList(list('delegates'))]).toEqual(['delegates']);
    expect([...readRoamingList(list('moods'))]).toEqual([]);
    expect(refusal(() => readRoamingList('<roamingList/>'))).toEqual(['MALFORMED', 400]);
  });

  test('MS-PRES R6: the document of the sheet', () => {
    const document = roamingDataDocument({
      aor: ALICE.aor,
      categories: [
        {
          name: 'contactCard',
          instance: 0,
          publishTime: at,
          container: 0,
          version: 1,
          expireType: 'static',
          content:
            '<contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"><identity><name><displayName>Alice Adams</displayName></name><email>alice@example.com</email></identity></contactCard>',
        },
        {
          name: 'state',
          instance: 1,
          publishTime: at + 3_600_120,
          container: 2,
          version: 4,
          expireType: 'user',
          content: '<state xsi:type="aggregateState" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>',
        },
      ],
      gone: [{ name: 'note' }],
      containers: [
        { id: 200, version: 1, members: [{ type: 'sameEnterprise' }] },
        { id: 300, version: 3, members: [{ type: 'user', value: 'bob@example.com' }] },
      ],
      subscribers: [{ user: 'carol@example.com', displayName: 'Carol Cole', acknowledged: false, type: 'sameEnterprise' }],
    });
    expect(document).toBe(
      compact(`<roamingData xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self">
 <categories xmlns="http://schemas.microsoft.com/2006/09/sip/categories" uri="sip:alice@example.com">
  <category name="contactCard" instance="0" publishTime="2024-01-01T08:00:00.000" container="0" version="1" expireType="static">
    <contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"><identity><name><displayName>Alice Adams</displayName></name><email>alice@example.com</email></identity></contactCard></category>
  <category name="state" instance="1" publishTime="2024-01-01T09:00:00.120" container="2" version="4" expireType="user">
    <state xsi:type="aggregateState" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/></category>
  <category name="note"/>
 </categories>
 <containers xmlns="http://schemas.microsoft.com/2006/09/sip/container-management">
  <container id="200" version="1"><member type="sameEnterprise"/></container>
  <container id="300" version="3"><member type="user" value="bob@example.com"/></container>
 </containers>
 <subscribers xmlns="http://schemas.microsoft.com/2006/09/sip/presence-subscribers">
  <subscriber user="carol@example.com" displayName="Carol Cole" acknowledged="false" type="sameEnterprise"/>
 </subscribers>
</roamingData>`),
    );
  });

  test('MS-PRES R6: only what was asked for is in it; what is empty is there', () => {
    expect(roamingDataDocument({ aor: ALICE.aor, subscribers: [] })).toBe(
      '<roamingData xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self"><subscribers xmlns="http://schemas.microsoft.com/2006/09/sip/presence-subscribers"/></roamingData>',
    );
  });

  test('MS-PRES R14: an instance of an endpoint names it, one of a time says how long', () => {
    const instance = { name: 'state', instance: 5, publishTime: at, container: 2, version: 1, content: '' };
    const document = roamingDataDocument({
      aor: ALICE.aor,
      categories: [
        { ...instance, expireType: 'endpoint', endpointId: 'C707E38E-1E10-5413-94D9-ECAC260A0269' },
        { ...instance, expireType: 'time', expires: 86_400 },
      ],
      gone: [{ name: 'note', container: 200 }],
    });
    expect(document).toContain(' expireType="endpoint" endpointId="C707E38E-1E10-5413-94D9-ECAC260A0269"/>');
    expect(document).toContain(' expireType="time" expires="86400"/>');
    expect(document).toContain('<category name="note" container="200"/>');
  });

  test('names of watchers are text', () => {
    const document = roamingDataDocument({
      aor: ALICE.aor,
      subscribers: [{ user: 'm@example.com', displayName: '"><evil/>', acknowledged: false, context: '<watcher/>' }],
    });
    const subscriber = parseXml(document).root.find('subscribers', 'subscriber');
    expect(subscriber?.attribute('displayName')).toBe('"><evil/>');
    expect(subscriber?.find('context', 'watcher')).toBeDefined();
  });
});

describe('setSubscribers', () => {
  const set = (content: string): string =>
    `<setSubscribers xmlns="http://schemas.microsoft.com/2006/09/sip/presence-subscribers">${content}</setSubscribers>`;

  test('MS-PRES R20: one watcher is acknowledged', () => {
    expect(readSetSubscribers(set('<subscriber user="Bob@example.com" acknowledged="true"/>'))).toBe('bob@example.com');
  });

  test.each([
    ['no watcher', ''],
    ['two watchers', '<subscriber user="a@b" acknowledged="true"/><subscriber user="c@d" acknowledged="true"/>'],
    ['an acknowledgement taken back', '<subscriber user="a@b" acknowledged="false"/>'],
    ['no address', '<subscriber user="bob" acknowledged="true"/>'],
  ])('MS-PRES R20: %s is refused', (_name, content) => {
    expect(refusal(() => readSetSubscribers(set(content)))).toEqual(['MALFORMED', 400]);
  });
});

test('MS-PRES R9: a conflict lists every mismatch by its place', () => {
  expect(CONTENT_TYPES.fault).toBe('application/msrtc-fault+xml');
  expect(
    versionFault([
      { index: 1, version: 0, curVersion: 3 },
      { index: 2, version: 0, curVersion: 3 },
    ]),
  ).toBe(
    compact(`<Fault xmlns="http://schemas.microsoft.com/2006/09/sip/error-fault"><Faultcode>Client.BadCall.WrongDelta</Faultcode>
 <details>
  <operation index="1" version="0" curVersion="3"/>
  <operation index="2" version="0" curVersion="3"/>
 </details>
</Fault>`),
  );
});

describe('what the server publishes from the directory', () => {
  const card = {
    ...ALICE,
    company: 'Example',
    department: 'R & D',
    title: 'Engineer',
    office: '2/117',
    phones: ['+14255550101;ext=101', '+14255550199'],
  };
  const content = (name: string, container: number, instance: number): string | undefined =>
    directoryPublications(card).find((p) => p.name === name && p.container === container && p.instance === instance)?.content;

  test('MS-PRES S8: userProperties, as the sheet has them', () => {
    expect(content('userProperties', 1, 0)).toBe(
      compact(`<userProperties xmlns="http://schemas.microsoft.com/2006/09/sip/categories"><lines><line lineType="Uc">tel:+14255550101;ext=101</line></lines><telephonyMode>Uc</telephonyMode>
 <facsimileTelephoneNumber/><streetAddress/><l/><st/><countryCode/><postalCode/><wWWHomePage/><exumEnabled>0</exumEnabled><exumURL/></userProperties>`),
    );
  });

  test('MS-PRES R7: without phones there are no lines', () => {
    const [properties] = directoryPublications(ALICE);
    expect(properties?.content).toContain('<lines/><telephonyMode>None</telephonyMode>');
  });

  test('MS-PRES S8: contactCard 0 names the user', () => {
    for (const container of [0, 100, 200, 300, 400]) {
      expect(content('contactCard', container, 0)).toBe(
        '<contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"><identity><name><displayName>Alice Adams</displayName></name><email>alice@example.com</email></identity></contactCard>',
      );
    }
  });

  test('MS-PRES S10: other organisations are shown company and title, colleagues the office and its phone', () => {
    expect(content('contactCard', 100, 3)).toBe(
      '<contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"><company>Example</company><title>Engineer</title></contactCard>',
    );
    for (const container of [200, 300, 400]) {
      expect(content('contactCard', container, 3)).toBe(
        '<contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"><company>Example</company><department>R &amp; D</department><title>Engineer</title><office>2/117</office>' +
          '<phone type="work"><uri>tel:+14255550101;ext=101</uri><displayString>+14255550101 X101</displayString></phone></contactCard>',
      );
    }
  });

  test('MS-PRES S9: the blocked get empty cards', () => {
    for (const instance of [0, 3])
      expect(content('contactCard', 32_000, instance)).toBe('<contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"/>');
  });

  test('MS-PRES S8: nothing of it is anywhere else, and all of it stays', () => {
    const all = directoryPublications(card);
    expect(new Set(all.map(({ expireType }) => expireType))).toEqual(new Set(['static']));
    expect(all.filter(({ name }) => name === 'userProperties').map(({ container }) => container)).toEqual([1]);
    expect(new Set(all.map((p) => `${p.name} ${p.container} ${p.instance}`)).size).toBe(all.length);
  });
});
