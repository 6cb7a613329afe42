import { expect, test } from 'vitest';
import { MAX_FIELDS, MAX_FIELD_LENGTH, readCsv } from '../src/csv.ts';

const rows = (text: string): (readonly string[])[] => [...readCsv(text)].map((record) => record.fields);

test('values, quoted values, doubled quotes and line breaks inside quotes are read (RFC 4180 section 2)', () => {
  expect(rows('a,b\r\n"c,d","e ""f"""\r\n"g\r\nh",\r\n')).toEqual([
    ['a', 'b'],
    ['c,d', 'e "f"'],
    ['g\r\nh', ''],
  ]);
});

test('LF, a missing last line break, a byte order mark and empty lines are no trouble', () => {
  expect(rows('\ufeffa,b\n\nc,d')).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('a record knows the line it begins on, after values with line breaks too', () => {
  expect([...readCsv('a\n"b\nb\nb"\nc\n')].map((record) => record.line)).toEqual([1, 2, 5]);
});

test.each([
  ['a\n"b', 'line 2 has a quote that is never closed'],
  ['a"b\n', 'line 1 has a quote inside a value'],
  ['"a"b\n', 'line 1 has text after a closing quote'],
  ['a\rb\n', 'a carriage return alone'],
  [`${','.repeat(MAX_FIELDS)}\n`, `more than ${MAX_FIELDS} fields`],
  ['x'.repeat(MAX_FIELD_LENGTH + 1), `longer than ${MAX_FIELD_LENGTH}`],
  [`"${'x'.repeat(MAX_FIELD_LENGTH + 1)}"`, `longer than ${MAX_FIELD_LENGTH}`],
])('%j is refused with its line', (text, found) => {
  expect(() => rows(text)).toThrow(found);
});
