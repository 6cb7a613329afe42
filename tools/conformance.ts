/** Which requirement of which fact sheet has tests: read from the names of the tests, for docs/conformance.md. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Sheet {
  readonly name: string;
  readonly title: string;
  /** Before the numbers; default R. A protocol of two sheets has two letters. */
  readonly letter?: 'S';
  /** How many requirements it numbers. */
  readonly count: number;
  /** Those that no specification, capture or client has confirmed: built as people remember it. */
  readonly unconfirmed: readonly number[];
  /** What there is to say of some, by number: what is not there, and what is otherwise than the sheet has it. */
  readonly notes?: Readonly<Record<number, string>>;
}

/** The sheets that this server claims so far. */
const SHEETS: readonly Sheet[] = [
  { name: 'MSPL', title: 'MSPL, the routing language', count: 60, unconfirmed: [] },
  {
    name: 'MS-SIPRE',
    title: '[MS-SIPRE] SIP routing extensions',
    count: 22,
    unconfirmed: [4, 10, 15, 21, 22],
    notes: {
      10: 'a late 200 of a second endpoint goes to the caller, as RFC 3261 has it, and is not ended by the server',
      16: 'not built: it comes with federation; what a client says of itself in that header is removed (R15)',
      19: "not built: a callee's rules for her calls are not evaluated, all her endpoints ring",
    },
  },
  { name: 'MS-CONMGMT', title: '[MS-CONMGMT] connection management', count: 12, unconfirmed: [5, 11, 12] },
  { name: 'MS-SIPAE', title: '[MS-SIPAE] authentication and signing', count: 22, unconfirmed: [6, 8, 11, 12, 16, 18, 19] },
  {
    name: 'MS-SIPREGE',
    title: '[MS-SIPREGE] registration and provisioning',
    count: 18,
    unconfirmed: [10, 17],
    notes: { 18: 'not built: the sheet leaves it open' },
  },
  { name: 'MS-OCAUTHWS', title: '[MS-OCAUTHWS] web tickets and client certificates', count: 18, unconfirmed: [14, 18] },
  {
    name: 'MS-OCDISCWS',
    title: '[MS-OCDISCWS] autodiscover',
    count: 18,
    unconfirmed: [],
    notes: { 14: 'not built: there are no OAuth tokens, and no link says that there were' },
  },
  {
    name: 'MS-PRES',
    title: '[MS-PRES] presence, contacts and watchers',
    count: 35,
    unconfirmed: [24],
    notes: {
      27: 'a change by an older deltaNum is made all the same, and the client put right',
      33: 'the end of a connection is the end of the registrations on it; what is silent stays until its registration runs out',
    },
  },
  {
    name: 'MS-PRES',
    title: '[MS-PRES] containers, categories and aggregation',
    letter: 'S',
    count: 16,
    unconfirmed: [5],
    notes: {
      5: 'the script of the original is not public; the cases are those of its documentation and of clients',
      14: 'not built: calls and messages of the blocked are not refused',
    },
  },
  {
    name: 'MS-ABWQ',
    title: '[MS-ABWQ] contact search',
    count: 15,
    unconfirmed: [],
    notes: Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [i + 1, 'not built: the web query service of the address book; clients search by SIP (R13)']),
    ),
  },
  { name: 'MS-OCER', title: '[MS-OCER] error reporting', count: 8, unconfirmed: [1] },
  { name: 'MS-SIPCOMP', title: '[MS-SIPCOMP] compression', count: 9, unconfirmed: [2, 4] },
];

/** The title of a test or of a group of them: a call whose first argument is text, and that has further ones. */
const TEST_NAME = /\(\s*(['"`])((?:(?!\1)[^\n\\]|\\.){1,400})\1,/g;
const REQUIREMENT = /\[?\b(MSPL|MS-[A-Z]+)\]? ([RS]\d+(?:[^\w]+[RS]\d+)*)/g;

/** A section a sheet: each requirement with the files that test it, or as not built. */
export function requirementSections(root: string): string {
  const tested = testedRequirements(root);
  return SHEETS.map(({ name, title, letter = 'R', count, unconfirmed, notes = {} }) => {
    const rows = Array.from({ length: count }, (_, i) => i + 1).map((number) => {
      const files = [...(tested.get(`${name} ${letter}${number}`) ?? [])].sort();
      const built = unconfirmed.includes(number) ? 'passed, not confirmed' : 'passed';
      const note = notes[number];
      const state = files.length > 0 ? built : note?.startsWith('not built') ? 'not built' : 'not built or not tested';
      const said = note === undefined ? '' : `; ${note.replace(/^not built: /, '')}`;
      return `| ${letter}${number} | ${state}${said} | ${files.map((file) => `\`${file}\``).join(', ')} |`;
    });
    const passed = rows.filter((row) => row.includes('| passed')).length;
    return `### ${title}\n\n${passed} of ${count} have tests.\n\n| Requirement | State | Tests |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  }).join('\n');
}

/** `MSPL R34` to the test files that name it. */
function testedRequirements(root: string): Map<string, Set<string>> {
  const tested = new Map<string, Set<string>>();
  for (const file of testFiles(root)) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, , name = ''] of text.matchAll(TEST_NAME)) {
      for (const [, sheet = '', numbers = ''] of name.matchAll(REQUIREMENT)) {
        for (const [number] of numbers.matchAll(/[RS]\d+/g)) add(tested, `${sheet} ${number}`, file);
      }
    }
  }
  return tested;
}

function add(map: Map<string, Set<string>>, key: string, file: string): void {
  const files = map.get(key) ?? new Set();
  map.set(key, files.add(file));
}

function testFiles(root: string): string[] {
  const folders = [
    'core/test',
    'sdk/test',
    'sdk/interop',
    'cli/test',
    ...readdirSync(join(root, 'plugins')).map((name) => `plugins/${name}/test`),
  ];
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts') || name.endsWith('.interop.ts'))
      .map((name) => `${folder}/${name}`),
  );
}
