import { expect, test } from 'vitest';
import { parseXml, xmlElement } from '@parley/sdk';
import type { SipRequest } from '@parley/sdk';
import { FakeClock, testRequest } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { Directory } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import { Provisioning } from '../src/api.ts';
import type { ProvisioningGroup } from '../src/api.ts';
import { ProvisioningConfig } from '../src/config.ts';
import { GROUPS, SETTABLE_GROUPS } from '../src/groups.ts';
import { readWantedGroups } from '../src/read-request.ts';
import { Watchers } from '../src/watchers.ts';
import { client, documentOf, serving } from './serving.ts';

/** A setting as alice's clients are told it. */
function setting(server: TestServer, group: ProvisioningGroup, name: string): string | undefined {
  return server.find(Provisioning).setting(server.find(Directory).findByAor('alice@example.test') as User, group, name);
}

test('what is set for a user goes before her groups, of which the first by name decides, and these before what is set for all', async () => {
  const server = await serving({
    settings: { ucPolicy: { A: 'all', B: 'all', C: 'all', D: 'all' } },
    groups: { sales: { ucPolicy: { B: 'sales', C: 'sales', D: 'sales' } }, Berlin: { ucPolicy: { C: 'berlin', D: 'berlin' } } },
    users: { 'Alice@example.test': { ucPolicy: { D: 'alice' } } },
  });
  expect(['A', 'B', 'C', 'D'].map((name) => setting(server, 'ucPolicy', name))).toEqual(['all', 'sales', 'berlin', 'alice']);
  expect(setting(server, 'ucPolicy', 'AllowCallForwarding')).toBe('true');
  expect(setting(server, 'ucPolicy', 'Nothing')).toBeUndefined();
});

test('plugins contribute, the operator has the last word, and a plugin that fails costs its own values alone', async () => {
  const server = await serving({ settings: { ServerConfiguration: { mrasUri: '', dlxEnabled: false } } });
  const group = 'ServerConfiguration';
  const provisioning = server.find(Provisioning);
  provisioning.contribute({
    group,
    values: (user) => ({ focusFactoryUri: `sip:${user.aor};gruu;opaque=app:conf:focusfactory`, mrasUri: 'sip:m', dlxEnabled: 'true' }),
  });
  provisioning.contribute({ group, values: () => ({ poolUri: 'sip:pool', 'no name': 'x', voicemailUri: undefined }) });
  provisioning.contribute({
    group,
    values: () => {
      throw new Error('out of order');
    },
  });
  const document = await documentOf(server);
  expect(document).toContain('<focusFactoryUri>sip:alice@example.test;gruu;opaque=app:conf:focusfactory</focusFactoryUri>');
  expect(document).toContain('<dlxEnabled>false</dlxEnabled>');
  expect(document).toContain('<poolUri>sip:pool</poolUri>');
  expect(document).not.toMatch(/no name|voicemailUri|mrasUri/);
  expect(setting(server, group, 'mrasUri')).toBe('');
  expect(server.log).toMatchObject([{ group, user: 'alice@example.test', err: { message: 'out of order' } }, {}]);
});

test('what a plugin contributes, and takes back, is told to clients that wait for changes', async () => {
  const server = await serving();
  const alice = client(server).subscribe('alice', 'vnd-microsoft-provisioning-v2');
  await alice.expect(200);
  await alice.expect('NOTIFY');
  const takeBack = server.find(Provisioning).contribute({ group: 'ServerConfiguration', values: () => ({ poolUri: 'sip:pool' }) });
  await alice.expect('NOTIFY', { body: /<poolUri>/, within: '1s' });
  takeBack();
  expect((await alice.expect('NOTIFY', { within: '1s' })).body).not.toContain('poolUri');
  expect(setting(server, 'ServerConfiguration', 'poolUri')).toBeUndefined();
});

test('MS-SIPREGE 2.2.2.5: each group has its form, and one with nothing in it is left out', async () => {
  const document = await documentOf(await serving({ settings: { userSetting: { ucUserLocationProfile: '' } } }));
  const { root } = parseXml(document);
  expect([root.local, root.namespace]).toEqual([
    'provisionGroupList',
    'http://schemas.microsoft.com/2006/09/sip/provisiongrouplist-notification',
  ]);
  const forms = Object.fromEntries(root.elements.map((group) => [group.attribute('name'), group.elements[0]?.local]));
  expect(forms).toEqual({
    ServerConfiguration: 'ucPC2PCAVEncryption',
    meetingPolicy: 'instance',
    ucPolicy: 'instance',
    userSetting: 'disableFileTransfer',
    endpointConfiguration: 'propertyEntryList',
    locationPolicy: 'propertyEntryList',
    mediaConfiguration: 'propertyEntryList',
    presencePolicyV2: 'propertyEntryList',
    persistentChatConfiguration: 'propertyEntryList',
  });
  expect(document, 'demanded by the schema').toContain('<ucUserLocationProfile/>');
});

test('publicationGrammar and its like are what plugins make them', async () => {
  const server = await serving();
  const values = (): ReturnType<typeof xmlElement> => xmlElement('containerManifestList', { xmlns: 'urn:x' });
  server.find(Provisioning).contribute({ group: 'publicationGrammar', values });
  expect(await documentOf(server)).toContain(
    '<provisionGroup name="publicationGrammar"><containerManifestList xmlns="urn:x"/></provisionGroup>',
  );
});

test('MS-SIPREGE 5.3: with port ranges all ten ports are told, without them that there are none', async () => {
  const range: [number, number] = [40_000, 40_039];
  const document = await documentOf(
    await serving({ mediaPorts: { media: range, audio: range, video: range, appSharing: range, fileTransfer: [50_000, 50_100] } }),
  );
  expect(document.match(/<uc(?:Min|Max)(?:Media|Audio|Video|AppSharing|FileTransfer)Port>/g)).toHaveLength(10);
  expect(document).toContain('<ucPortRangeEnabled>true</ucPortRangeEnabled>');
  expect(document).toContain('<ucMaxFileTransferPort>50100</ucMaxFileTransferPort>');
  expect(setting(await serving(), 'ServerConfiguration', 'ucPortRangeEnabled')).toBe('false');
});

/** A SUBSCRIBE with this body. */
function wanting(body: string, type = 'application/vnd-microsoft-roaming-provisioning-v2+xml'): SipRequest {
  return testRequest(`SUBSCRIBE sip:alice@example.test SIP/2.0\n${body === '' ? '' : `Content-Type: ${type}\n`}\n${body}`);
}

test('MS-SIPREGE 2.2.2.4: known groups are served in the order in which they are asked for, unknown ones are passed over', () => {
  const list = (names: readonly string[]): string =>
    `<provisioningGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisioninggrouplist" subnet="192.0.2.0">${names.map((name) => `<provisioningGroup name="${name}" opaque="1"/>`).join('')}</provisioningGroupList>`;
  expect(readWantedGroups(wanting(list(['ucPolicy', 'future', 'ServerConfiguration', 'ucPolicy'])))).toEqual({
    groups: ['ucPolicy', 'ServerConfiguration'],
    subnet: '192.0.2.0',
  });
  expect(readWantedGroups(wanting('')).groups).toEqual(GROUPS);
});

test.each([
  ['another content type', '<provisioningGroupList/>', 'text/plain', 415],
  ['no XML', 'provisioningGroupList', undefined, 400],
  ['another document', '<roamingList/>', undefined, 400],
  ['a DTD', '<!DOCTYPE a [<!ENTITY b "c">]><provisioningGroupList/>', undefined, 400],
  ['too many elements', `<provisioningGroupList>${'<provisioningGroup/>'.repeat(300)}</provisioningGroupList>`, undefined, 400],
  ['elements too deep', `<provisioningGroupList>${'<a>'.repeat(9)}${'</a>'.repeat(9)}</provisioningGroupList>`, undefined, 400],
  ['too many bytes', `<provisioningGroupList>${' '.repeat(20_000)}</provisioningGroupList>`, undefined, 413],
])('%s is refused', (_what, body, type, status) => {
  expect(() => readWantedGroups(wanting(body, type))).toThrow(expect.objectContaining({ status }) as Error);
});

test('many watchers are told in slices, each only what is new to it', () => {
  const clock = new FakeClock();
  const watchers = new Watchers(clock);
  let version = 1;
  const told: number[] = [];
  for (let i = 0; i < 250; i++) {
    const watcher = { aor: `u${i}`, document: () => (i % 2 === 0 ? `document ${version}` : 'the same'), tell: () => void told.push(i) };
    watchers.add(watcher, watcher.document());
  }
  version = 2;
  watchers.changed(undefined);
  watchers.changed('u4');
  clock.advance(199);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toHaveLength(50);
  clock.advance(100);
  expect(told).toHaveLength(125);
  watchers.changed(undefined);
  clock.advance(1000);
  expect(told).toHaveLength(125);
  expect(clock.timers.size).toBe(0);
});

test('a configuration that names what there is not is refused', () => {
  const fault = (input: unknown): string => ProvisioningConfig.safeParse(input).error?.issues[0]?.message ?? 'none';
  expect(fault({ settings: { ucpolicy: {} } })).toContain('ucpolicy');
  expect(ProvisioningConfig.safeParse({ settings: { publicationGrammar: {} } }).success).toBe(false);
  expect(ProvisioningConfig.safeParse({ settings: { ucPolicy: { 'A B': '1' } } }).success).toBe(false);
  expect(ProvisioningConfig.safeParse({ mediaPorts: { media: [5, 4] } }).success).toBe(false);
  expect(ProvisioningConfig.parse({ users: { 'a@b': { ucPolicy: { X: true, Y: 5 } } } }).users).toEqual({
    'a@b': { ucPolicy: { X: 'true', Y: '5' } },
  });
  expect(SETTABLE_GROUPS).toHaveLength(9);
});

test('MS-ABWQ R15: without an address book service there is no address of one, so that clients search by SIP', async () => {
  const document = await documentOf(await serving());
  expect(document).toContain('dlxEnabled');
  expect(document).not.toMatch(/dlx\w*ur[il]|abs\w*ur[il]|abwq|groupexpansion|addressbook/i);
});
