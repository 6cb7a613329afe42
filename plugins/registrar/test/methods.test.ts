import { expect, test } from 'vitest';
import { ALL_METHODS, MethodSets, methodNames } from '../src/methods.ts';

test('MS-SIPRE 4.2: an endpoint takes the methods that it lists', () => {
  const set = new MethodSets().of('"INVITE, MESSAGE, INFO, SUBSCRIBE, OPTIONS, BYE, CANCEL, NOTIFY, ACK, REFER, BENOTIFY"');
  expect(set.names).toHaveLength(11);
  expect(set.supports('INVITE')).toBe(true);
  expect(set.supports('UPDATE')).toBe(false);
  expect(new MethodSets().of(set.toString()).names).toEqual(set.names);
});

test('an endpoint that lists nothing takes every method', () => {
  expect(new MethodSets().of('')).toBe(ALL_METHODS);
  expect(new MethodSets().of('", ,"')).toBe(ALL_METHODS);
  expect(ALL_METHODS.supports('FOO')).toBe(true);
});

test('equal lists are one object, as long as there is room', () => {
  const sets = new MethodSets(1);
  expect(sets.of('INVITE')).toBe(sets.of('INVITE'));
  expect(sets.of('BYE')).not.toBe(sets.of('BYE'));
  expect(sets.of('BYE').supports('BYE')).toBe(true);
});

test('a hostile list is cut', () => {
  expect(methodNames(Array.from({ length: 1000 }, (_, i) => `M${i}`).join(','))).toHaveLength(64);
  expect(methodNames('INVITE,<b>,A B')).toEqual(['INVITE']);
});
