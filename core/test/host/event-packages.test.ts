import { expect, test } from 'vitest';
import { EventPackageList } from '../../src/host/event-packages.ts';

test('an event package is listed once, until the last plugin that names it has gone', () => {
  const list = new EventPackageList();
  const [first, second] = [list.add('presence'), list.add('presence')];
  list.add('dialog');
  first();
  expect(list.names).toEqual(['presence', 'dialog']);
  second();
  expect(list.names).toEqual(['dialog']);
});
