import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, FakeClock, parseMessage, parseXml, xmlElement } from '@parley/sdk';
import type { Log, SipRequest, Store } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import { ProvisioningConfig } from '../src/config.ts';
import { legacyDocument, provisioningDocument } from '../src/document.ts';
import { GROUPS, SETTABLE_GROUPS } from '../src/groups.ts';
import { ProvisioningService } from '../src/provisioning.ts';
import { readWantedGroups } from '../src/read-request.ts';
import { Settings } from '../src/settings.ts';
import type { ProvisioningTables } from '../src/settings-row.ts';
import { Watchers } from '../src/watchers.ts';

const ALICE = {
  id: '1',
  aor: 'alice@example.com',
  groups: ['Sales', 'Berlin'],
  phones: ['+14255550100'],
  enabled: true,
} as unknown as User;
const CONTEXT = { subnet: undefined, userAgent: '' };

function aService(input: unknown = {}): { service: ProvisioningService; faults: unknown[] } {
  const config = ProvisioningConfig.parse(input);
  const faults: unknown[] = [];
  const log = { error: (fields: unknown) => void faults.push(fields) } as unknown as Log;
  const bus = { publish: () => undefined, subscribe: () => () => undefined };
  const settings = new Settings(config, undefined as unknown as Store<ProvisioningTables>, bus);
  return { service: new ProvisioningService(settings, config, log), faults };
}

const value = (service: ProvisioningService, name: string): string | undefined => service.setting(ALICE, 'ucPolicy', name);

test('what is set for a user goes before her groups, of which the first by name decides, and these before what is set for all', () => {
  const { service } = aService({
    settings: { ucPolicy: { A: 'all', B: 'all', C: 'all', D: 'all' } },
    groups: { sales: { ucPolicy: { B: 'sales', C: 'sales', D: 'sales' } }, Berlin: { ucPolicy: { C: 'berlin', D: 'berlin' } } },
    users: { 'Alice@example.com': { ucPolicy: { D: 'alice' } } },
  });
  expect(['A', 'B', 'C', 'D'].map((name) => value(service, name))).toEqual(['all', 'sales', 'berlin', 'alice']);
  expect(value(service, 'AllowCallForwarding')).toBe('true');
  expect(value(service, 'Nothing')).toBeUndefined();
});

test('plugins contribute, the operator has the last word, and a plugin that fails costs its own values alone', () => {
  const { service, faults } = aService({ settings: { ServerConfiguration: { mrasUri: '', dlxEnabled: false } } });
  const changes: (string | undefined)[] = [];
  service.onChange((aor) => changes.push(aor));
  const group = 'ServerConfiguration';
  service.contribute({
    group,
    values: (user) => ({ focusFactoryUri: `sip:${user.aor};gruu;opaque=app:conf:focusfactory`, mrasUri: 'sip:m', dlxEnabled: 'true' }),
  });
  const takeBack = service.contribute({ group, values: () => ({ poolUri: 'sip:pool', 'no name': 'x', voicemailUri: undefined }) });
  service.contribute({
    group,
    values: () => {
      throw new Error('out of order');
    },
  });
  const { values } = service.filled(ALICE, group, CONTEXT);
  expect(values).toMatchObject({
    focusFactoryUri: 'sip:alice@example.com;gruu;opaque=app:conf:focusfactory',
    mrasUri: '',
    dlxEnabled: 'false',
  });
  expect(values['poolUri']).toBe('sip:pool');
  expect(Object.keys(values)).not.toContain('no name');
  expect(faults).toHaveLength(1);
  takeBack();
  expect(service.setting(ALICE, group, 'poolUri')).toBeUndefined();
  expect(changes).toHaveLength(4);
  expect(provisioningDocument([service.filled(ALICE, group, CONTEXT)])).not.toContain('mrasUri');
});

test('MS-SIPREGE 2.2.2.5: each group has its form, and one with nothing in it is left out', () => {
  const { service } = aService({ settings: { userSetting: { ucUserLocationProfile: '' } } });
  const document = provisioningDocument(GROUPS.map((group) => service.filled(ALICE, group, CONTEXT)));
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

test('publicationGrammar and its like are what plugins make them', () => {
  const { service } = aService();
  service.contribute({ group: 'publicationGrammar', values: () => xmlElement('containerManifestList', { xmlns: 'urn:x' }) });
  expect(provisioningDocument([service.filled(ALICE, 'publicationGrammar', CONTEXT)])).toContain(
    '<provisionGroup name="publicationGrammar"><containerManifestList xmlns="urn:x"/></provisionGroup>',
  );
});

test('MS-SIPREGE 5.3: with port ranges all ten ports are told, without them that there are none', () => {
  const range: [number, number] = [40_000, 40_039];
  const { service } = aService({
    mediaPorts: { media: range, audio: range, video: range, appSharing: range, fileTransfer: [50_000, 50_100] },
  });
  const { values } = service.filled(ALICE, 'ServerConfiguration', CONTEXT);
  expect(Object.keys(values).filter((name) => /^uc(?:Min|Max)(?:Media|Audio|Video|AppSharing|FileTransfer)Port$/.test(name))).toHaveLength(
    10,
  );
  expect(values).toMatchObject({ ucPortRangeEnabled: 'true', ucMaxFileTransferPort: '50100' });
  expect(aService().service.setting(ALICE, 'ServerConfiguration', 'ucPortRangeEnabled')).toBe('false');
});

test('LCS 2005: without a gateway there are no lines', () => {
  expect(legacyDocument(ALICE, undefined)).toBe('<provision><user uri="sip:alice@example.com"/></provision>');
});

/** A SUBSCRIBE with this body. */
function wanting(body: string, type = 'application/vnd-microsoft-roaming-provisioning-v2+xml'): SipRequest {
  const head = [
    'SUBSCRIBE sip:alice@example.com SIP/2.0',
    'Via: SIP/2.0/TLS 192.0.2.50',
    'From: <sip:alice@example.com>;tag=1',
    'To: <sip:alice@example.com>',
    'Call-ID: c',
    'CSeq: 1 SUBSCRIBE',
    ...(body === '' ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const result = parseMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`), DEFAULT_LIMITS);
  if (!result.ok) throw result.error;
  return result.message as SipRequest;
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

test('MS-ABWQ R15: without an address book service there is no address of one, so that clients search by SIP', () => {
  const { service } = aService();
  const text = provisioningDocument(GROUPS.map((group) => service.filled(ALICE, group, CONTEXT)));
  expect(text).toContain('dlxEnabled');
  expect(text).not.toMatch(/dlx\w*ur[il]|abs\w*ur[il]|abwq|groupexpansion|addressbook/i);
});
