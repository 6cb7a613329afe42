import { expect, test } from 'vitest';
import { columnsOf, renderTable } from '../src/table.ts';

const COLUMNS = [
  { key: 'aor', title: 'USER' },
  { key: 'contact', title: 'CONTACT' },
  { key: 'expires', title: 'EXPIRES', align: 'right' },
] as const;

test('a table is as wide as its content, numbers to the right', () => {
  const rows = [
    { aor: 'alice@example.com', contact: 'sip:a@192.0.2.1', expires: 59 },
    { aor: 'bob@example.com', contact: 'sip:b@192.0.2.2', expires: 3600 },
  ];
  expect(renderTable(rows, COLUMNS, 80, false)).toEqual([
    'USER               CONTACT          EXPIRES',
    'alice@example.com  sip:a@192.0.2.1       59',
    'bob@example.com    sip:b@192.0.2.2     3600',
  ]);
});

test('no line is wider than the terminal: the widest columns give', () => {
  const rows = [{ aor: 'a'.repeat(60), contact: 'b'.repeat(90), expires: 1 }];
  const lines = renderTable(rows, COLUMNS, 80, false);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines[1]).toContain('…');
});

test('a column that is to stay whole is not cut, and without a width nothing is', () => {
  const rows = [{ aor: 'a'.repeat(60), contact: 'b'.repeat(90), expires: 1 }];
  const columns = [{ ...COLUMNS[0], whole: true }, COLUMNS[1]];
  expect(renderTable(rows, columns, 80, false)[1]).toBe(`${'a'.repeat(60)}  ${'b'.repeat(17)}…`);
  expect(renderTable(rows, COLUMNS, Infinity, false)[1]).toContain('b'.repeat(90));
});

test('what a peer has sent cannot steer the terminal', () => {
  expect(renderTable([{ aor: '\u001b[2Jx\r\ny', contact: '', expires: 0 }], COLUMNS, 80, false)[1]).toMatch(/^x {2}y/);
});

test('rows without columns show their properties', () => {
  expect(columnsOf([{ bootMs: 1 }, { bootMs: 2, name: 'x' }])).toEqual([
    { key: 'bootMs', title: 'BOOT MS' },
    { key: 'name', title: 'NAME' },
  ]);
});
