/** docs/presence.md says what the code does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AVAILABILITY, aggregateOutputs, availabilityClass } from '../src/aggregate/index.ts';
import { CONTAINERS, directoryPublications, readPidf } from '../src/documents/index.ts';
import { machine } from './aggregate/states.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/presence.md'), 'utf8');
const PICTURE = readFileSync(join(import.meta.dirname, '../../../docs/pictures/containers.svg'), 'utf8');

/** Cells of the tables of a section, without their headings. */
function rowsOf(section: string): readonly (readonly string[])[] {
  const [, after = ''] = PAGE.split(`\n## ${section}\n`);
  const [body = ''] = after.split('\n## ');
  const rows = body.split('\n').filter((line) => line.startsWith('|') && !/^\|[ |:-]+\|$/.test(line));
  return rows.slice(1).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('what the server publishes by itself is what the page lists, container by container', () => {
  const state = machine(3500, { instance: 0x3000_0001 });
  const outputs = aggregateOutputs({ aor: 'a@example.com', states: [state], workgroupStates: [state], devices: [], now: 0 });
  const made = [...directoryPublications({ aor: 'a@example.com', displayName: 'A' }), ...outputs.publications];
  const byName = Map.groupBy(made, ({ name, instance }) =>
    name === 'contactCard' || name === 'state' ? `\`${name}\` ${instance}` : `\`${name}\``,
  );
  const listed = rowsOf('What the server publishes by itself').map(
    ([name = '', where = '']) => [name, where.split(', ').map(Number)] as const,
  );
  expect(new Map(listed)).toEqual(
    new Map([...byName].map(([name, all]) => [name, all.map(({ container }) => container).toSorted((a, b) => a - b)])),
  );
});

test('the picture has every container that there is, by its number', () => {
  const numbers = [...PICTURE.matchAll(/<text class="b"[^>]*>(\d+)/g)].map(([, number]) => Number(number));
  expect(new Set(numbers)).toEqual(new Set(Object.values(CONTAINERS)));
});

test('the numbers of availability are those of the page', () => {
  const rows = rowsOf('From many states to one');
  expect(rows).toHaveLength(Object.keys(AVAILABILITY).length);
  for (const [floor = '', means = '', number = ''] of rows) {
    const what = means.replace(', ', '-').replaceAll(' ', '-') as keyof typeof AVAILABILITY;
    expect(AVAILABILITY[what], means).toBe(Number(number));
    expect(availabilityClass(Number(floor)), floor).toBe(what);
    if (floor !== '0') expect(availabilityClass(Number(floor) - 1)).not.toBe(what);
  }
});

test('what a phone says is what the page says that it is', () => {
  const said = (activity: string): ReturnType<typeof readPidf> =>
    readPidf(
      `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"><tuple id="a"><status><basic>open</basic></status></tuple><rpid:activities><rpid:${activity}/></rpid:activities></presence>`,
    );
  const rows = new Map(rowsOf('Plain SIP phones').map(([says = '', is = '']) => [says, is]));
  const row = (activity: string): string => [...rows].find(([says]) => says.includes(`\`${activity}\``))?.[1] ?? '';
  for (const activity of ['away', 'vacation', 'meal']) {
    expect(row(activity)).toBe('a machine that is away');
    expect(availabilityClass(said(activity).machine)).toBe('away');
  }
  for (const activity of ['busy', 'meeting', 'on-the-phone']) {
    expect(row(activity)).toMatch(/busy/);
    expect(availabilityClass(said(activity).doing?.availability ?? 0)).toBe('busy');
  }
  expect(row('dnd')).toMatch(/do not disturb/);
  expect(availabilityClass(said('dnd').doing?.availability ?? 0)).toBe('do-not-disturb');
});
