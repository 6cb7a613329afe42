import { describe, expect, test } from 'vitest';
import {
  CONTAINER_LIMITS,
  DEFAULT_CONTAINERS,
  changeContainer,
  effectiveContainer,
  readSetContainerMembers,
} from '../../src/documents/index.ts';
import type { Container, ContainerMember, WatcherIdentity } from '../../src/documents/index.ts';
import { captured } from './captures.ts';
import { refusal } from './errors-of.ts';

const OWNER = 'alice@example.com';
const bob: WatcherIdentity = { aor: 'bob@example.com', source: 'sameEnterprise' };
const zoe: WatcherIdentity = { aor: 'zoe@partner.example', source: 'federated' };

function containers(...memberships: readonly (readonly [number, ContainerMember])[]): readonly Container[] {
  return memberships.map(([id, member]) => ({ id, version: 1, members: [member] }));
}

describe('the container of a watcher', () => {
  test.each<[string, readonly Container[], WatcherIdentity, number]>([
    ['T1 the network', containers([200, { type: 'sameEnterprise' }]), bob, 200],
    ['T2 the highest', containers([200, { type: 'sameEnterprise' }], [300, { type: 'user', value: bob.aor }]), bob, 300],
    [
      'T3 a user beats a domain',
      containers([400, { type: 'user', value: bob.aor }], [32_000, { type: 'domain', value: 'example.com' }]),
      bob,
      400,
    ],
    ['T4 blocked', containers([300, { type: 'user', value: bob.aor }], [32_000, { type: 'user', value: bob.aor }]), bob, 32_000],
    ['T5 another organisation', containers([100, { type: 'federated' }]), zoe, 100],
    ['T6 nobody is in any', [], bob, 0],
    ['a domain beats the network', containers([100, { type: 'domain', value: 'partner.example' }], [200, { type: 'federated' }]), zoe, 100],
    ['a domain within is another', containers([300, { type: 'domain', value: 'example' }]), zoe, 0],
    ['everybody', containers([100, { type: 'everyone' }]), zoe, 100],
    ['the network beats everybody', containers([100, { type: 'federated' }], [400, { type: 'everyone' }]), zoe, 100],
    ['1 to 3 are the owner’s', containers([2, { type: 'user', value: bob.aor }], [1, { type: 'everyone' }]), bob, 0],
    ['the owner', containers([32_000, { type: 'user', value: OWNER }]), { aor: OWNER, source: 'sameEnterprise' }, 400],
  ])('MS-PRES S2: %s', (_name, all, watcher, expected) => {
    expect(effectiveContainer(OWNER, all, watcher)).toBe(expected);
  });

  test('MS-PRES S1: an account begins with its enterprise and its partners', () => {
    expect(effectiveContainer(OWNER, DEFAULT_CONTAINERS, bob)).toBe(200);
    expect(effectiveContainer(OWNER, DEFAULT_CONTAINERS, zoe)).toBe(100);
    expect(effectiveContainer(OWNER, DEFAULT_CONTAINERS, { ...zoe, source: 'publicCloud' })).toBe(0);
  });
});

const set = (content: string): string =>
  `<setContainerMembers xmlns="http://schemas.microsoft.com/2006/09/sip/container-management">${content}</setContainerMembers>`;

describe('setContainerMembers', () => {
  test('MS-PRES R17: as a client blocks somebody', () => {
    expect(readSetContainerMembers(captured('set-container-members'))).toEqual([
      { id: 32_000, version: 0, changes: [{ action: 'add', member: { type: 'user', value: 'mallory@example.test' } }] },
    ]);
  });

  test('MS-PRES R17: the example of the sheet', () => {
    const body = set(
      '<container id="200" version="0"><member action="add" type="sameEnterprise"/></container>' +
        '<container id="300" version="3"><member action="remove" type="user" value="sip:Bob@example.com"/></container>',
    );
    expect(readSetContainerMembers(body)).toEqual([
      { id: 200, version: 0, changes: [{ action: 'add', member: { type: 'sameEnterprise' } }] },
      { id: 300, version: 3, changes: [{ action: 'remove', member: { type: 'user', value: 'bob@example.com' } }] },
    ]);
  });

  test('MS-PRES R18: container 0 cannot be changed, and there is none above 32767', () => {
    const change = (id: string) => () => readSetContainerMembers(set(`<container id="${id}" version="0"/>`));
    for (const id of ['0', '32768', '-1', 'x']) expect(refusal(change(id))).toEqual(['MALFORMED', 400]);
    for (const id of ['1', '32767']) expect(refusal(change(id))).toBeUndefined();
  });

  const member = (attributes: string): string => set(`<container id="300" version="0"><member ${attributes}/></container>`);
  test.each<[string, string, string, number]>([
    ['R17: no version', set('<container id="300"/>'), 'MALFORMED', 400],
    ['R17: no container', set(''), 'MALFORMED', 400],
    ['R17: one container twice', set('<container id="300" version="0"/><container id="300" version="0"/>'), 'DUPLICATE', 400],
    [
      'R17: a member that comes and goes',
      set(
        '<container id="300" version="0"><member action="add" type="user" value="a@b"/><member action="remove" type="user" value="A@b"/></container>',
      ),
      'DUPLICATE',
      400,
    ],
    ['R17: an unknown action', member('action="keep" type="everyone"'), 'MALFORMED', 400],
    ['R17: an unknown type', member('action="add" type="friend"'), 'MALFORMED', 400],
    ['R17: a user without address', member('action="add" type="user"'), 'MALFORMED', 400],
    ['R17: a user that is no address', member('action="add" type="user" value="a b@c"'), 'MALFORMED', 400],
    ['R17: a domain that is none', member('action="add" type="domain" value="a@b"'), 'MALFORMED', 400],
    [
      'R26: too many containers',
      set(Array.from({ length: CONTAINER_LIMITS.containers + 1 }, (_, i) => `<container id="${i + 1}" version="0"/>`).join('')),
      'TOO_LARGE',
      413,
    ],
    [
      'R26: too many members',
      set(
        `<container id="1" version="0">${Array.from({ length: CONTAINER_LIMITS.changes + 1 }, (_, i) => `<member action="add" type="user" value="u${i}@b"/>`).join('')}</container>`,
      ),
      'TOO_LARGE',
      413,
    ],
  ])('MS-PRES %s is refused', (_name, body, code, status) => {
    expect(refusal(() => readSetContainerMembers(body))).toEqual([code, status]);
  });

  test('MS-PRES R17: members come and go; who is there, or not, is no matter', () => {
    const [a, b] = ['a@example.com', 'b@example.com'].map((value): ContainerMember => ({ type: 'user', value })) as [
      ContainerMember,
      ContainerMember,
    ];
    const first = changeContainer(undefined, {
      id: 300,
      version: 0,
      changes: [
        { action: 'add', member: a },
        { action: 'add', member: b },
        { action: 'add', member: a },
      ],
    });
    expect(first).toEqual({ id: 300, version: 1, members: [a, b] });
    const second = changeContainer(first, {
      id: 300,
      version: 1,
      changes: [
        { action: 'remove', member: a },
        { action: 'remove', member: { type: 'everyone' } },
      ],
    });
    expect(second).toEqual({ id: 300, version: 2, members: [b] });
  });
});
