import { expect, test } from 'vitest';
import { KeyedEntry, KeyedTable } from '../../src/transaction/keyed-table.ts';
import { WaitingList } from '../../src/transaction/waiting-list.ts';

class Item extends KeyedEntry {
  previousWaiting: Item | undefined = undefined;
  nextWaiting: Item | undefined = undefined;
  isWaiting = false;
}

test('an entry is found by its key until it is taken out, however many there are', () => {
  const table = new KeyedTable<Item>();
  const items = Array.from({ length: 5000 }, (_, i) => new Item(`key ${i}`));
  for (const item of items) table.add(item);
  expect(table.size).toBe(5000);
  for (const item of items) expect(table.get(item.key)).toBe(item);
  for (const item of items.filter((_, i) => i % 2 === 0)) table.delete(item);
  expect(table.size).toBe(2500);
  for (const [i, item] of items.entries()) expect(table.has(item.key)).toBe(i % 2 === 1);
});

test('taking out what is not in the table changes nothing', () => {
  const table = new KeyedTable<Item>();
  const item = new Item('a');
  table.add(item);
  table.delete(new Item('a'));
  table.delete(new Item('b'));
  expect(table.get('a')).toBe(item);
  expect(table.size).toBe(1);
});

test('what has left a table or a list points to nothing that stayed', () => {
  const table = new KeyedTable<Item>();
  const list = new WaitingList<Item>();
  const items = Array.from({ length: 3000 }, (_, i) => new Item(`key ${i}`));
  for (const item of items) {
    table.add(item);
    list.add(item);
  }
  for (const item of items.slice(0, 1500)) {
    table.delete(item);
    list.delete(item);
    expect([item.nextEntry, item.previousWaiting, item.nextWaiting]).toEqual([undefined, undefined, undefined]);
  }
});

test('a list gives back what is in it, in order, once', () => {
  const list = new WaitingList<Item>();
  const [a, b, c] = [new Item('a'), new Item('b'), new Item('c')] as const;
  for (const item of [a, b, c]) list.add(item);
  list.delete(b);
  list.delete(b);
  expect(list.takeAll()).toEqual([a, c]);
  expect(list.takeAll()).toEqual([]);
});
