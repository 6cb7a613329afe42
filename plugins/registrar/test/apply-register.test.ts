import { expect, test } from 'vitest';
import { ParleyError } from '@parley/sdk';
import { applyRegister } from '../src/apply-register.ts';
import type { AskedContact, HeldContact, RegisterPolicy, RegisterRequest } from '../src/apply-register.ts';

const NOW = 1_000_000;
const POLICY: RegisterPolicy = { defaultExpires: 3600, minExpires: 60, maxExpires: 7200, maxContacts: 3, whenFull: 'refuse' };
const UUID_1 = '4b1682a8-f968-5701-83fc-7c6741dc6697';
const UUID_2 = '2f7e7723-96e4-544e-8b98-cf482b8cefb8';

function held(contact: string, more: Partial<HeldContact> = {}): HeldContact {
  return {
    contact,
    callId: 'a',
    cseq: 1,
    expiresAt: NOW + 60_000,
    registeredAt: NOW,
    instance: '',
    regId: 0,
    epid: '',
    lost: false,
    ...more,
  };
}

function asks(contact: string, more: Partial<AskedContact> = {}): AskedContact {
  return { contact, expires: undefined, instance: '', regId: 0, ...more };
}

function request(contacts: readonly AskedContact[], more: Partial<RegisterRequest> = {}): RegisterRequest {
  return { aor: 'alice@example.com', callId: 'a', cseq: 2, expires: undefined, epid: '', star: false, contacts, ...more };
}

type SameUri = (held: string, asked: string) => boolean;
const differ: SameUri = () => false;

/** What was decided in a few words, or the code of the error. */
function decide(
  bindings: readonly HeldContact[],
  wanted: RegisterRequest,
  policy: Partial<RegisterPolicy> = {},
  same: SameUri = differ,
): unknown {
  const result = applyRegister(bindings, wanted, { ...POLICY, ...policy }, NOW, same);
  if (result instanceof ParleyError) return result.code;
  return result.map((change) =>
    change.kind === 'remove'
      ? `${change.reason} ${change.held.contact}`
      : `${change.kind} ${change.kind === 'update' ? `${change.held.contact} -> ` : ''}${change.asked.contact} ${(change.expiresAt - NOW) / 1000}`,
  );
}

test('a new contact is added, a known one refreshed, one with expires=0 removed', () => {
  expect(decide([], request([asks('sip:a@1')]))).toEqual(['add sip:a@1 3600']);
  expect(decide([held('sip:a@1')], request([asks('sip:a@1')]))).toEqual(['update sip:a@1 -> sip:a@1 3600']);
  expect(decide([held('sip:a@1')], request([asks('sip:a@1', { expires: 0 })]))).toEqual(['unregistered sip:a@1']);
  expect(decide([held('sip:a@1')], request([asks('sip:a@1')], { expires: 0 }))).toEqual(['unregistered sip:a@1']);
});

test('what is not registered can be removed without harm', () => {
  expect(decide([], request([asks('sip:a@1', { expires: 0 })]))).toEqual([]);
});

test('a request without Contact changes nothing', () => {
  expect(decide([held('sip:a@1')], request([]))).toEqual([]);
});

test('RFC 3261 10.3: the interval comes from the contact, else from Expires, else from the server', () => {
  expect(decide([], request([asks('sip:a@1', { expires: 100 })], { expires: 200 }))).toEqual(['add sip:a@1 100']);
  expect(decide([], request([asks('sip:a@1')], { expires: 200 }))).toEqual(['add sip:a@1 200']);
  expect(decide([], request([asks('sip:a@1', { expires: 2 ** 32 - 1 })]))).toEqual(['add sip:a@1 7200']);
});

test('RFC 3261 10.3: an interval below the minimum is 423, but never one of an hour', () => {
  expect(decide([], request([asks('sip:a@1', { expires: 59 })]))).toBe('REGISTRAR_TOO_BRIEF');
  expect(decide([], request([asks('sip:a@1', { expires: 60 })]))).toEqual(['add sip:a@1 60']);
  expect(decide([], request([asks('sip:a@1', { expires: 3600 })]), { minExpires: 5000 })).toEqual(['add sip:a@1 3600']);
});

test('RFC 3261 10.3: Contact: * removes everything, alone and with Expires: 0', () => {
  const two = [held('sip:a@1'), held('sip:a@2', { callId: 'b', cseq: 9 })];
  expect(decide(two, request([], { star: true, expires: 0 }))).toEqual(['unregistered sip:a@1', 'unregistered sip:a@2']);
  expect(decide(two, request([], { star: true }))).toBe('REGISTRAR_STAR_MISUSED');
  expect(decide(two, request([], { star: true, expires: 10 }))).toBe('REGISTRAR_STAR_MISUSED');
  expect(decide(two, request([], { star: true, expires: 0, cseq: 1 }))).toBe('REGISTRAR_STALE');
});

test('RFC 3261 10.3 step 7: within one Call-ID an old CSeq fails, and nothing of its request is done', () => {
  const two = [held('sip:a@1'), held('sip:a@2', { cseq: 5 })];
  expect(decide(two, request([asks('sip:a@1'), asks('sip:a@2')], { cseq: 5 }))).toBe('REGISTRAR_STALE');
  expect(decide(two, request([asks('sip:a@1'), asks('sip:a@2')], { cseq: 6 }))).toHaveLength(2);
  expect(decide(two, request([asks('sip:a@2')], { cseq: 1, callId: 'other' }))).toHaveLength(1);
});

test('a contact that is equal by RFC 3261 19.1.4 is the same contact', () => {
  const folds: SameUri = (a, b) => a.toLowerCase() === b.toLowerCase();
  expect(decide([held('sip:a@HOST')], request([asks('sip:a@host')]), {}, folds)).toEqual(['update sip:a@HOST -> sip:a@host 3600']);
});

test('a contact that stands twice in a request counts once, as it stands last', () => {
  expect(decide([], request([asks('sip:a@1', { expires: 100 }), asks('sip:a@1', { expires: 200 })]))).toEqual(['add sip:a@1 200']);
});

test('MS-SIPREGE R3: an endpoint that comes back from another port replaces its binding', () => {
  const was = [held('sip:1:5000', { instance: UUID_1 })];
  expect(decide(was, request([asks('sip:1:6000', { instance: UUID_1.toUpperCase() })]))).toEqual(['update sip:1:5000 -> sip:1:6000 3600']);
  expect(decide(was, request([asks('sip:1:6000', { instance: UUID_2 })]))).toEqual(['add sip:1:6000 3600']);
  expect(decide([held('sip:1:5000', { epid: 'AB' })], request([asks('sip:1:6000')], { epid: 'ab' }))).toEqual([
    'update sip:1:5000 -> sip:1:6000 3600',
  ]);
});

test('a second contact of one instance in the same request is a second binding', () => {
  const was = [held('sip:1:5000', { instance: UUID_1 })];
  const both = [asks('sip:1:5000', { instance: UUID_1 }), asks('sip:2:5000', { instance: UUID_1 })];
  expect(decide(was, request(both))).toEqual(['update sip:1:5000 -> sip:1:5000 3600', 'add sip:2:5000 3600']);
});

test('RFC 5626 6: flows of one instance are told apart by reg-id, whatever their contacts are', () => {
  const flow = held('sip:1:5000', { instance: UUID_1, regId: 1 });
  expect(decide([flow], request([asks('sip:1:5000', { instance: UUID_1, regId: 2 })]))).toEqual(['add sip:1:5000 3600']);
  expect(decide([flow], request([asks('sip:9:9', { instance: UUID_1, regId: 1 })]))).toEqual(['update sip:1:5000 -> sip:9:9 3600']);
});

test('a full address takes no further endpoint, but refreshes and exchanges those that it has', () => {
  const full = [held('sip:a@1'), held('sip:a@2'), held('sip:a@3')];
  expect(decide(full, request([asks('sip:a@4')]))).toBe('REGISTRAR_QUOTA');
  expect(decide(full, request([asks('sip:a@1')]))).toHaveLength(1);
  expect(decide(full, request([asks('sip:a@1', { expires: 0 }), asks('sip:a@4')]))).toEqual(['unregistered sip:a@1', 'add sip:a@4 3600']);
  expect(decide(full, request([asks('sip:a@1')]), { maxContacts: 1 })).toHaveLength(1);
});

test('MS-SIPREGE R7: where the policy says so, the oldest endpoint makes room', () => {
  const full = [held('sip:a@1', { registeredAt: 30 }), held('sip:a@2', { registeredAt: 10 }), held('sip:a@3', { registeredAt: 20 })];
  expect(decide(full, request([asks('sip:a@4')]), { whenFull: 'replaceOldest' })).toEqual(['add sip:a@4 3600', 'quota sip:a@2']);
  const four = ['4', '5', '6', '7'].map((host) => asks(`sip:a@${host}`));
  expect(decide(full, request(four), { whenFull: 'replaceOldest' })).toBe('REGISTRAR_QUOTA');
});

test('an endpoint that a restart cut off makes room under either policy', () => {
  const full = [
    held('sip:a@1', { registeredAt: 10 }),
    held('sip:a@2', { registeredAt: 20, lost: true }),
    held('sip:a@3', { registeredAt: 30 }),
  ];
  expect(decide(full, request([asks('sip:a@4')]))).toEqual(['add sip:a@4 3600', 'quota sip:a@2']);
  expect(decide(full, request([asks('sip:a@4')]), { whenFull: 'replaceOldest' })).toEqual(['add sip:a@4 3600', 'quota sip:a@2']);
});

test('a binding whose time is over counts for nothing and is removed', () => {
  const over = held('sip:a@1', { expiresAt: NOW, cseq: 99 });
  expect(decide([over], request([asks('sip:a@1')]))).toEqual(['expired sip:a@1', 'add sip:a@1 3600']);
});
