import { expect, test } from 'vitest';
import { checkBareScript, manifestTokens, scriptTokens } from '../../src/script/editing.ts';
import { MANIFEST_ELEMENTS, compileApplication } from '../../src/script/index.ts';

test('tokens of a manifest have their places in the file, behind CDATA marks and entities', () => {
  const text = '<splScript>a &lt; <![CDATA["b"]]></splScript>';
  const tokens = manifestTokens(text, { start: text.indexOf('>') + 1, end: text.lastIndexOf('<') });
  const places = tokens.filter(({ kind }) => kind !== 'end').map(({ text: name, start, end }) => [name, text.slice(start, end)]);
  expect(places).toEqual([
    ['a', 'a'],
    ['<', '&'],
    ['b', '"b"'],
  ]);
});

test('a script that does not parse has tokens too', () => {
  expect(scriptTokens('if (x { "open').map(({ kind }) => kind)).toEqual(['keyword', 'mark', 'identifier', 'mark', 'string', 'end']);
});

test('a script without a manifest is checked like one inside, with any handler', () => {
  expect(checkBareScript('if (!Dispatch("onMessage")) { Respond(503, "Busy"); }', 'x.mspl')).toEqual([]);
  expect(checkBareScript('x = 1;\n  Respnd(1);', 'x.mspl')).toMatchObject([
    { code: 'MSPL_UNKNOWN_FUNCTION', line: 2, column: 3, length: 6 },
  ]);
  expect(checkBareScript(' '.repeat(300_000), 'x.mspl')).toMatchObject([{ code: 'MSPL_SCRIPT_TOO_LONG' }]);
  expect(checkBareScript('('.repeat(10_000), 'x.mspl')).toMatchObject([{ code: 'MSPL_TOO_DEEP' }]);
});

test('every element and attribute that is documented is one that the reader knows', () => {
  const written = (parent: string): string =>
    MANIFEST_ELEMENTS.filter((element) => element.parent === parent)
      .map(({ name, attributes }) => {
        const list = attributes.map((attribute) => ` ${attribute.name}="${value(attribute.values)}"`).join('');
        return `<${name}${list}>${written(name)}</${name}>`;
      })
      .join('');
  const text = `<applicationManifest appUri="http://example.com/x" xmlns="http://schemas.microsoft.com/lcs/2006/05">${written('applicationManifest')}</applicationManifest>`;
  const found = compileApplication(text, '/x.am', { files: { read: () => '', watch: () => () => undefined } });
  expect(found).toMatchObject({ ok: true, warnings: [] });
});

function value(values: readonly string[] | undefined): string {
  if (values !== undefined) return values.at(-1) ?? '';
  return 'table';
}

test.each(
  MANIFEST_ELEMENTS.flatMap(({ name, attributes }) =>
    attributes.flatMap((attribute) => (attribute.values ?? []).map((v) => [name, attribute.name, v])),
  ),
)('%s %s="%s" is allowed', (element, attribute, one) => {
  const inside = element === 'file' ? '<column name="a"/>' : '';
  const needed = element === 'file' ? ' name="t" path="t" keyColumnName="a"' : '';
  const text = `<applicationManifest appUri="http://example.com/x" xmlns="http://schemas.microsoft.com/lcs/2006/05"><${element}${needed} ${attribute}="${one}">${inside}</${element}><splScript/></applicationManifest>`;
  expect(compileApplication(text, '/x.am', { files: { read: () => '', watch: () => () => undefined } })).toMatchObject({
    ok: true,
    warnings: [],
  });
});
