import { expect, test } from 'vitest';
import { csvLine, readCsv } from '@parley/sdk';

const fields = (text: string): readonly (readonly string[])[] => [...readCsv(text)].map((record) => record.fields);

test.each([
  [
    'lines end in CRLF or LF',
    'a,b\r\nc,d\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['the last line needs no end, empty lines are passed over', '\ufeffa\n\nb', [['a'], ['b']]],
  ['quotes hold commas, quotes and line breaks', '"a,b","say ""hi""","x\ny"\n', [['a,b', 'say "hi"', 'x\ny']]],
  [
    'values may be empty',
    ',\n"",x',
    [
      ['', ''],
      ['', 'x'],
    ],
  ],
])('CSV: %s', (_, text, records) => {
  expect(fields(text)).toEqual(records);
});

test('CSV: a record knows the line that it begins on', () => {
  expect([...readCsv('"a\nb"\n\nc')].map((record) => record.line)).toEqual([1, 4]);
});

test.each([
  ['"a', 1, 'a quote is never closed'],
  ['x\na"b', 2, 'a quote stands inside a value'],
  ['"a"b', 1, 'text behind a closing quote'],
  [`${'x,'.repeat(64)}x`, 1, 'more than 64 values'],
  ['x'.repeat(4097), 1, 'more than 4096 characters'],
])('CSV: %j is refused with its line and why', (text, line, problem) => {
  expect(() => [...readCsv(text)]).toThrow(expect.objectContaining({ code: 'CSV_MALFORMED', place: `line ${line}` }));
  expect(() => [...readCsv(text)]).toThrow(problem);
});

test('CSV: what is written is read as it was', () => {
  const record = ['a', 'b,c', 'say "hi"', 'x\r\ny', '', ' blank '];
  expect(fields(csvLine(record))).toEqual([record]);
});
