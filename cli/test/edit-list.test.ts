import { describe, expect, test } from 'vitest';
import { codeOnly } from '../src/config-edit/code-only.ts';
import { addEntry, disableEntry, enableEntry, removeEntry } from '../src/config-edit/edit-list.ts';
import { JSON_LIST } from '../src/config-edit/json-list.ts';
import { findPluginList } from '../src/config-edit/plugin-list.ts';

const METRICS = { reference: '@parley/plugin-metrics', identifier: 'metrics', after: [] };
const REGISTRAR = '@parley/plugin-registrar';

const FILE = `// plugins: [ this one is a comment ]
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import { defineServer } from '@parley/sdk';

const words = ['plugins: [', \`\${'}'} // no comment\`, /[/"]['"]/];

export default defineServer({
  domains: ['example.com'], // ours
  listen: [{ transport: 'tls', port: 5061 }],
  plugins: [
    // Users
    directory(), // kept in the store
    /* many */ './plugins/fax',
    registrar({
      maxContacts: 5, // phones, really
      // devices
    }),
  ],
});
`;

describe('code alone', () => {
  test('has the length and the lines of the text, and nothing of comments and strings', () => {
    const code = codeOnly(FILE);
    expect(code).toHaveLength(FILE.length);
    expect(code.split('\n')).toHaveLength(FILE.split('\n').length);
    expect(code.match(/plugins/g)).toEqual(['plugins']);
    expect(code).not.toContain('maxContacts: 5, // phones');
  });

  test.each(['a / b / c', "x = /'/.test(y)", '`${`${1}`}`', "'a\\'b'", '/* open', "'open\nnext"])('%j keeps its length', (text) => {
    expect(codeOnly(text)).toHaveLength(text.length);
  });
});

describe('the list of plugins', () => {
  test('is found with what each entry refers to', () => {
    expect(findPluginList(FILE)?.entries.map(({ reference }) => reference)).toEqual([
      '@parley/plugin-directory',
      './plugins/fax',
      REGISTRAR,
    ]);
  });

  test.each([
    ['a list that is made elsewhere', 'export default defineServer({ plugins: mine });'],
    ['a list that is computed', 'export default defineServer({ plugins: base.concat(x) });'],
    ['two servers', 'defineServer({ plugins: [] }); defineServer({ plugins: [] });'],
    ['no server', 'export const plugins = [];'],
    ['a property of another object', 'export default defineServer({ log: { plugins: [] } });'],
    ['brackets that do not close', 'export default defineServer({ plugins: [ });'],
  ])('%s is left alone', (_, text) => {
    expect(findPluginList(text)).toBeUndefined();
    expect(addEntry(text, METRICS)).toBeUndefined();
    expect(removeEntry(text, REGISTRAR)).toBeUndefined();
  });
});

describe('adding', () => {
  test('puts the import in its place and the entry last, and changes nothing else', () => {
    const text = addEntry(FILE, METRICS) ?? '';
    expect(text).toBe(
      FILE.replace('import registrar', "import metrics from '@parley/plugin-metrics';\nimport registrar").replace(
        '    }),\n  ],',
        '    }),\n    metrics(),\n  ],',
      ),
    );
  });

  test('puts it behind its kin, not between an entry and its comment', () => {
    const text = addEntry(FILE, { ...METRICS, after: ['@parley/plugin-directory'] }) ?? '';
    expect(text).toContain('directory(), // kept in the store\n    metrics(),\n');
  });

  test('gives a last entry the comma that it lacks', () => {
    const text = addEntry("export default defineServer({\n  plugins: [\n    './a' // first\n  ],\n});\n", METRICS) ?? '';
    expect(text).toContain("    './a', // first\n    metrics(),\n  ],");
  });

  test('keeps a short list on its line, and breaks one that grows too long', () => {
    const short = "import a from 'parley-plugin-a';\n\nexport default defineServer({ plugins: [a()] });\n";
    expect(addEntry(short, METRICS)).toContain('plugins: [a(), metrics()] });');
    const long = `export default defineServer({\n  plugins: [${Array.from({ length: 15 }, (_, i) => `'./plugin-${i}'`).join(', ')}],\n});\n`;
    expect(addEntry(long, METRICS)).toContain("    './plugin-14',\n    metrics(),\n  ],");
  });

  test('takes another name when the file uses that one already', () => {
    expect(addEntry(`const metrics = 1;\n${FILE}`, METRICS)).toContain("import metricsPlugin from '@parley/plugin-metrics';");
  });

  test('a path is written as it is, without an import and with a place for its settings', () => {
    const text = addEntry(FILE, { reference: './my-plugin', identifier: 'my', after: [] }) ?? '';
    expect(text.replace("    { plugin: './my-plugin', config: {} },\n", '')).toBe(FILE);
    expect(removeEntry(text, './my-plugin')).toBe(FILE);
  });

  test('works on an empty list', () => {
    expect(addEntry('export default defineServer({ plugins: [] });\n', METRICS)).toContain('plugins: [\n  metrics(),\n]');
  });
});

describe('removing', () => {
  test('takes entry and import, and nothing else', () => {
    expect(removeEntry(addEntry(FILE, METRICS) ?? '', METRICS.reference)).toBe(FILE);
    const text = removeEntry(FILE, REGISTRAR) ?? '';
    expect(text).not.toContain('registrar');
    expect(text).toContain("    /* many */ './plugins/fax',\n  ],");
  });

  test('keeps an import that is used elsewhere', () => {
    expect(removeEntry(`${FILE}\nexport const own = registrar;\n`, REGISTRAR)).toContain('import registrar');
  });

  test.each(['a', 'b', 'c'])('takes %s out of a list on one line', (name) => {
    const all = ['a', 'b', 'c'];
    const line = (names: string[]): string =>
      `export default defineServer({ plugins: [${names.map((one) => `'./${one}'`).join(', ')}] });\n`;
    expect(removeEntry(line(all), `./${name}`)).toBe(line(all.filter((one) => one !== name)));
  });
});

describe('disabling', () => {
  test('makes a comment of entry and import, and enabling brings back every character', () => {
    const disabled = disableEntry(FILE, REGISTRAR) ?? '';
    expect(disabled).toContain("// disabled: import registrar from '@parley/plugin-registrar';");
    expect(disabled).toContain(
      '    // disabled: registrar({\n    //   maxContacts: 5, // phones, really\n    //   // devices\n    // }),\n',
    );
    expect(findPluginList(disabled)?.entries.find(({ reference }) => reference === REGISTRAR)?.disabled).toBe(true);
    expect(enableEntry(disabled, REGISTRAR)).toBe(FILE);
  });

  test('of an entry with a comment behind it keeps that', () => {
    const disabled = disableEntry(FILE, '@parley/plugin-directory') ?? '';
    expect(disabled).toContain('    // disabled: directory(), // kept in the store\n');
    expect(enableEntry(disabled, '@parley/plugin-directory')).toBe(FILE);
  });

  test('breaks a list on one line first', () => {
    const text = disableEntry("export default defineServer({ plugins: ['./a', './b'] });\n", './a') ?? '';
    expect(text).toContain("  // disabled: './a',\n  './b',\n");
  });

  test('what is disabled can be removed, and what is in use cannot be enabled', () => {
    expect(removeEntry(disableEntry(FILE, REGISTRAR) ?? '', REGISTRAR)).not.toContain('maxContacts');
    expect(enableEntry(FILE, REGISTRAR)).toBeUndefined();
  });
});

describe('JSON', () => {
  const text = '{\n    "domains": ["example.com"],\n    "plugins": { "registrar": { "maxContacts": 5 } }\n}\n';

  test('keeps its indentation and settings', () => {
    const added = JSON_LIST.add(text, METRICS) ?? '';
    expect(JSON.parse(added)).toMatchObject({ plugins: { registrar: { maxContacts: 5 }, metrics: {} } });
    expect(added).toContain('\n    "plugins"');
    expect(JSON.parse(JSON_LIST.remove(added, REGISTRAR) ?? '')).toMatchObject({ plugins: { metrics: {} } });
  });

  test('lists are edited too; nothing can be disabled', () => {
    const list = '{ "plugins": ["registrar", { "plugin": "./fax", "config": {} }] }';
    expect(JSON_LIST.list(list)?.map(({ reference }) => reference)).toEqual([REGISTRAR, './fax']);
    expect(JSON.parse(JSON_LIST.remove(list, './fax') ?? '')).toEqual({ plugins: ['registrar'] });
    expect(JSON_LIST.disable(list, './fax')).toBeUndefined();
  });
});
