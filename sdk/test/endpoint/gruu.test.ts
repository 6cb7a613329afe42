import { expect, test } from 'vitest';
import { endpointGruu, gruuId, instanceOfGr, instanceOfOpaque, publicGruu } from '../../src/endpoint/gruu.ts';
import { bytesToUuid, instanceOfEpid, readInstance, sameInstance, uuidToBytes } from '../../src/endpoint/instance.ts';

/** The table of [MS-SIPRE] section 3.2: epid, UUID, GRUU id. */
const ENDPOINTS = [
  ['01010101', '4b1682a8-f968-5701-83fc-7c6741dc6697', 'qIIWS2j5AVeD_HxnQdxmlwAA'],
  ['451e9252b6', 'e0de506b-a705-59cc-9bfa-d37593141231', 'a1De4AWnzFmb-tN1kxQSMQAA'],
  ['c8ca638a15', '34d859db-6585-5f91-a3b4-de853c15347d', '21nYNIVlkV-jtN6FPBU0fQAA'],
  ['a1b2c3d4e5f6', '2f7e7723-96e4-544e-8b98-cf482b8cefb8', 'I3d-L-SWTlSLmM9IK4zvuAAA'],
] as const;

test.each(ENDPOINTS)('MS-SIPRE R2: epid %s makes the instance %s', (epid, uuid) => {
  expect(instanceOfEpid(epid)).toBe(uuid);
});

test.each(ENDPOINTS)('MS-SIPRE R3: the endpoint of epid %s has the GRUU id in the table', (_epid, uuid, id) => {
  expect(gruuId(uuid)).toBe(id);
  expect(instanceOfOpaque(`user:epid:${id}`)).toBe(uuid);
  expect(instanceOfOpaque(`USER:EPID:${id}`)).toBe(uuid);
  expect(endpointGruu('alice@example.com', uuid)).toBe(`sip:alice@example.com;opaque=user:epid:${id};gruu`);
});

test('a UUID and its bytes in GUID memory order are the same thing', () => {
  const uuid = '4b1682a8-f968-5701-83fc-7c6741dc6697';
  expect(uuidToBytes(uuid).toString('hex')).toBe('a882164b68f9015783fc7c6741dc6697');
  expect(bytesToUuid(uuidToBytes(uuid))).toBe(uuid);
});

test.each([
  ['user:epid:', 'nothing behind the prefix'],
  ['user:epid:qIIWS2j5AVeD_HxnQdxmlwA', 'a character short'],
  ['user:epid:qIIWS2j5AVeD_HxnQdxmlwAB', 'the two zero bytes are not zero'],
  ['user:epid:qIIWS2j5AVeD/HxnQdxmlwAA', 'another alphabet'],
  ['user:epid:qIIWS2j5AVeD HxnQdxmlwAA', 'a blank'],
  ['app:voicemail', 'a service'],
])('opaque=%s is not an endpoint of ours: %s', (opaque) => {
  expect(instanceOfOpaque(opaque)).toBeUndefined();
});

test('+sip.instance holds a UUID URN and keeps the spelling of the client', () => {
  expect(readInstance('"<urn:uuid:4B1682A8-f968-5701-83fc-7c6741dc6697>"')).toBe('4B1682A8-f968-5701-83fc-7c6741dc6697');
  expect(readInstance('<URN:UUID:4b1682a8-f968-5701-83fc-7c6741dc6697>')).toBe('4b1682a8-f968-5701-83fc-7c6741dc6697');
  expect(sameInstance('4B1682A8-f968-5701-83fc-7c6741dc6697', '4b1682a8-f968-5701-83fc-7c6741dc6697')).toBe(true);
});

test.each([
  '',
  '"',
  '""',
  '"<>"',
  '"<urn:uuid:>"',
  '"urn:uuid:4b1682a8-f968-5701-83fc-7c6741dc6697"',
  '"<urn:uuid:4b1682a8-f968-5701-83fc-7c6741dc669>"',
  '"<urn:uuid:4b1682a8-f968-5701-83fc-7c6741dc6697a>"',
  '"<urn:uuid:4b1682a8xf968-5701-83fc-7c6741dc6697>"',
  '"<urn:imei:4b1682a8-f968-5701-83fc-7c6741dc6697>"',
])('MS-SIPRE R2: %j is not a UUID URN', (value) => {
  expect(readInstance(value)).toBeUndefined();
});

test('RFC 5627: a public GRUU carries the instance in gr', () => {
  const uuid = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
  expect(publicGruu('alice@example.com', uuid)).toBe(`sip:alice@example.com;gr=urn:uuid:${uuid}`);
  expect(instanceOfGr(`urn:uuid:${uuid.toUpperCase()}`)).toBe(uuid);
  expect(instanceOfGr('urn:uuid:f81d')).toBeUndefined();
});
