import { expect, test } from 'vitest';
import { compileApplication } from '../../src/script/index.ts';
import type { Manifest } from '../../src/script/index.ts';
import { compiled, faults, manifest, run, warnings } from './script-world.ts';

const NAMESPACE_2006 = 'http://schemas.microsoft.com/lcs/2006/05';

function inNamespace(namespace: string): string {
  return `<a:applicationManifest a:appUri="http://example.com/a" xmlns:a="${namespace}"><a:splScript>
    if (GetUserName("sip:example.com") == "") { Respond(200, "empty"); } else { Respond(200, "null"); }</a:splScript></a:applicationManifest>`;
}

function with_(elements: string): Manifest {
  return compiled(manifest('', elements)).manifest;
}

function codesOf(text: string): string[] {
  return faults(text).map((fault) => fault.code);
}

test.each([
  [NAMESPACE_2006, '2006'],
  ['http://schemas.microsoft.com/lcs/2004/05', '2004'],
  ['http://schemas.microsoft.com/rtc/2003/05', '2003'],
  ['http://schemas.microsoft.com/lcs/2003/05', '2003'],
])('MSPL R1: a manifest in the namespace %s loads as one of %s', (namespace, edition) => {
  expect(compiled(inNamespace(namespace)).manifest.edition).toBe(edition);
  expect(warnings(inNamespace(namespace))).toEqual([]);
});

test('MSPL R1: another namespace loads as 2003, with a warning', () => {
  const text = inNamespace('http://example.com/other');
  expect(compiled(text).manifest.edition).toBe('2003');
  expect(warnings(text)).toEqual(['MSPL_NAMESPACE']);
});

test('MSPL R1: under the rules of 2003 functions give "" where later ones give null; an option does the same for any manifest', () => {
  const said = (text: string, nullAsEmpty?: boolean) => run(compiled(text, nullAsEmpty === undefined ? {} : { nullAsEmpty })).did[0];
  expect(said(inNamespace('http://schemas.microsoft.com/rtc/2003/05'))).toBe('respond 200 empty');
  expect(said(inNamespace(NAMESPACE_2006))).toBe('respond 200 null');
  expect(said(inNamespace(NAMESPACE_2006), true)).toBe('respond 200 empty');
});

test('MSPL R2: appUri is read with and without a prefix', () => {
  const manifestWith = (attribute: string) =>
    `<x:applicationManifest ${attribute}="https://example.com/a" xmlns:x="${NAMESPACE_2006}"><x:splScript/></x:applicationManifest>`;
  expect(compiled(manifestWith('appUri')).appUri).toBe('https://example.com/a');
  expect(compiled(manifestWith('x:appUri')).appUri).toBe('https://example.com/a');
});

test.each(['', 'ftp://example.com/a', 'Routing', '/apps/Routing', 'http://', 'urn:example:a'])(
  'MSPL R2: the appUri "%s" is refused',
  (appUri) => {
    const text = `<m:applicationManifest appUri="${appUri}" xmlns:m="${NAMESPACE_2006}"><m:splScript/></m:applicationManifest>`;
    expect(codesOf(text)).toEqual([appUri === '' ? 'MSPL_ATTRIBUTE_MISSING' : 'MSPL_APP_URI']);
  },
);

test('MSPL R3: the default namespace works, and so does any prefix', () => {
  const plain = `<applicationManifest appUri="http://example.com/a" xmlns="${NAMESPACE_2006}"><scriptOnly/><splScript/></applicationManifest>`;
  expect(compiled(plain).manifest.scriptOnly).toBe(true);
  const prefixed = `<_p-1:applicationManifest appUri="http://example.com/a" xmlns:_p-1="${NAMESPACE_2006}"><_p-1:scriptOnly/><_p-1:splScript/></_p-1:applicationManifest>`;
  expect(compiled(prefixed).manifest.scriptOnly).toBe(true);
});

test('MSPL R5: the roles of serverFilter', () => {
  expect(with_('').allowsRole('AccessProxy')).toBe(true);
  expect(with_('<lc:serverFilter roles="ALL"/>').allowsRole('Proxy')).toBe(true);
  const some = with_('<lc:serverFilter roles="FrontEnd, HomeServer"/>');
  expect([some.allowsRole('FrontEnd'), some.allowsRole('AccessProxy')]).toEqual([true, false]);
  expect(codesOf(manifest('', '<lc:serverFilter roles="FrontEnd,ALL"/>'))).toEqual(['MSPL_VALUE_ALONE']);
  expect(codesOf(manifest('', '<lc:serverFilter roles="Edge"/>'))).toEqual(['MSPL_VALUE']);
});

test('MSPL R6: OTHER is any method that a filter cannot name', () => {
  const { manifest: filter } = compiled(manifest('', '<lc:requestFilter methodNames="INVITE,OTHER"/>'));
  expect(['INVITE', 'FOO', 'UPDATE', 'MESSAGE', 'REGISTER'].map((method) => filter.wantsRequest(method))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test.each([
  ['ALL,INVITE', 'MSPL_VALUE_ALONE'],
  ['INVITE,NONE', 'MSPL_VALUE_ALONE'],
  ['INVTE', 'MSPL_VALUE'],
  ['CANCEL', 'MSPL_VALUE'],
  ['INVITE,,BYE', 'MSPL_VALUE'],
  ['', 'MSPL_VALUE'],
])('MSPL R7: methodNames="%s" is an error', (names, code) => {
  expect(codesOf(manifest('', `<lc:requestFilter methodNames="${names}"/>`))).toEqual([code]);
});

test('MSPL R7: a misspelt method is told which one was meant', () => {
  const [fault] = faults(manifest('', '<lc:requestFilter methodNames="MESSAGE,INVTE"/>'));
  expect(fault?.fix).toContain('did you mean INVITE');
});

test('MSPL R8: without filters all requests and responses run the script', () => {
  const none = with_('');
  expect([none.wantsRequest('FOO'), none.wantsResponse(183), none.wantsResponses]).toEqual([true, true, true]);
  const empty = with_('<lc:requestFilter/><lc:responseFilter/>');
  expect([empty.wantsRequest('FOO'), empty.wantsResponse(183)]).toEqual([true, true]);
  const closed = with_('<lc:requestFilter methodNames="NONE"/><lc:responseFilter reasonCodes="NONE"/>');
  expect([closed.wantsRequest('INVITE'), closed.wantsResponse(200), closed.wantsResponses]).toEqual([false, false, false]);
});

test.each(['2xx', '2nn', '2XX', '2NN'])('MSPL R11: reasonCodes="%s" takes 200 and not 180', (codes) => {
  const filter = with_(`<lc:responseFilter reasonCodes="${codes}"/>`);
  expect([filter.wantsResponse(200), filter.wantsResponse(299), filter.wantsResponse(180)]).toEqual([true, true, false]);
});

test('MSPL R11: several classes, and what is none', () => {
  const filter = with_('<lc:responseFilter reasonCodes="3xx, 6nn"/>');
  expect([302, 603, 200].map((status) => filter.wantsResponse(status))).toEqual([true, true, false]);
  expect(codesOf(manifest('', '<lc:responseFilter reasonCodes="200"/>'))).toEqual(['MSPL_VALUE']);
  expect(codesOf(manifest('', '<lc:responseFilter reasonCodes="ALL,2xx"/>'))).toEqual(['MSPL_VALUE_ALONE']);
});

test('the defaults of everything that may be left out', () => {
  const { methods, reasonCodes, roles, ...rest } = with_('');
  expect({ methods, reasonCodes, roles }).toEqual({ methods: 'ALL', reasonCodes: 'ALL', roles: 'ALL' });
  expect(rest).toMatchObject({
    registrarGenerated: false,
    strictRoute: false,
    domainSupported: undefined,
    phoneUri: undefined,
    proxyByDefault: true,
    scriptOnly: false,
    allowRegistrationBeforeUserServices: false,
    files: [],
  });
});

test('everything that can be said', () => {
  const said = with_(
    `<lc:allowRegistrationBeforeUserServices/><lc:scriptOnly/><lc:proxyByDefault action="false"/>
    <lc:requestFilter methodNames="ALL" registrarGenerated="true" strictRoute="TRUE" domainSupported="false" phoneUri="true"/>
    <lc:file name="acl" path="acl.txt" keyColumnName="user" ignoreCase="true" delimitedBy="tab" static="true">
      <lc:column name="user"/><lc:column name="action"/></lc:file>`.replace(/<lc:file[\s\S]*/, ''),
  );
  expect(said).toMatchObject({
    allowRegistrationBeforeUserServices: true,
    scriptOnly: true,
    proxyByDefault: false,
    registrarGenerated: true,
    strictRoute: true,
    domainSupported: false,
    phoneUri: true,
  });
});

test('scriptOnly is taken in its other spelling and in any position; allowRegistration in its other forms', () => {
  expect(with_('<lc:script-only/>').scriptOnly).toBe(true);
  const after = manifest('').replace('</lc:applicationManifest>', '<lc:scriptOnly/></lc:applicationManifest>');
  expect(compiled(after).manifest.scriptOnly).toBe(true);
  expect(warnings(after)).toEqual(['MSPL_ELEMENT_AFTER_SCRIPT']);
  expect(with_('<lc:allowRegistrationBeforeUserServices action="true"/>').allowRegistrationBeforeUserServices).toBe(true);
  expect(with_('<lc:allowRegistrationBeforeUserServices action="false"/>').allowRegistrationBeforeUserServices).toBe(false);
});

test('phoneUri as the reference prints it restricts nothing', () => {
  const text = manifest('', '<lc:requestFilter phoneUri="sip:x"/>');
  expect(compiled(text).manifest.phoneUri).toBeUndefined();
  expect(warnings(text)).toEqual(['MSPL_PHONE_URI']);
});

test('what looks like a misspelt filter is an error, what looks like nothing known a warning', () => {
  expect(codesOf(manifest('', '<lc:requestFiler methodNames="INVITE"/>'))).toEqual(['MSPL_UNKNOWN_ELEMENT']);
  expect(codesOf(manifest('', '<lc:requestFilter strictroute="true"/>'))).toEqual(['MSPL_UNKNOWN_ATTRIBUTE']);
  expect(warnings(manifest('', '<lc:comment/>'))).toEqual(['MSPL_UNKNOWN_ELEMENT']);
  expect(warnings(manifest('', '<comment xmlns="http://example.com/notes"/>'))).toEqual(['MSPL_FOREIGN_ELEMENT']);
  expect(codesOf(manifest('', '<lc:proxyByDefault action="no"/>'))).toEqual(['MSPL_VALUE']);
  expect(codesOf(manifest('', '<lc:scriptOnly/><lc:scriptOnly/>'))).toEqual(['MSPL_ELEMENT_TWICE']);
});

test('a manifest without a script, or that is none, is refused', () => {
  expect(codesOf(manifest('').replace(/<lc:splScript>.*<\/lc:splScript>/, ''))).toEqual(['MSPL_ELEMENT_MISSING']);
  expect(codesOf('<html/>')).toEqual(['MSPL_ROOT']);
  expect(codesOf('')).toEqual(['MSPL_XML']);
});

test.each([
  ['<!DOCTYPE x [<!ENTITY a "b">]><x/>', 'MSPL_XML_FORBIDDEN'],
  [manifest('', '<lc:comment>&bomb;</lc:comment>'), 'MSPL_XML'],
  [manifest('', '<lc:comment>'), 'MSPL_XML'],
  [manifest('', '<x:comment/>'), 'MSPL_XML'],
  [manifest('', '<lc:requestFilter methodNames="ALL" methodNames="NONE"/>'), 'MSPL_XML'],
  [manifest('', '<a>'.repeat(9) + '</a>'.repeat(9)), 'MSPL_MANIFEST_LIMIT'],
  [manifest('', '<lc:c/>'.repeat(2_001)), 'MSPL_MANIFEST_LIMIT'],
  [manifest('', `<lc:c ${Array.from({ length: 33 }, (_, i) => `a${i}=""`).join(' ')}/>`), 'MSPL_MANIFEST_LIMIT'],
  [manifest(`// ${'x'.repeat(262_145)}`), 'MSPL_SCRIPT_TOO_LONG'],
  [' '.repeat(524_289), 'MSPL_MANIFEST_TOO_LARGE'],
])('XML that is broken, hostile or too big is refused (%#)', (text, code) => {
  expect(codesOf(text)).toContain(code);
});

const FAULTY = `<?xml version="1.0">
<lc:applicationManifest lc:appUri="http://example.com/a" xmlns:lc="${NAMESPACE_2006}">
<lc:requestFilter methodNames="INVITE" strictRoute="true"/ >
<lc:proxyByDefault action=\u201dfalse\u201d />
<lc:splScript><![CDATA[ Respond(486, "Busy / >"); ]]></lc:splScript>
</lc:applicationManifest>`;

test('the three XML faults of published manifests are named with their places and cures', () => {
  const found = faults(FAULTY);
  expect(found.map(({ code, line, column }) => [code, line, column])).toEqual([
    ['MSPL_XML_DECLARATION', 1, 20],
    ['MSPL_XML_TAG_END', 3, 58],
    ['MSPL_XML_QUOTES', 4, 27],
  ]);
  expect(found.map((fault) => fault.fix)).toEqual(['Write <?xml version="1.0"?>.', 'Write "/>".', 'Use straight quotes: "value".']);
});

test('a lenient read mends the three faults, and nothing else', () => {
  const result = compileApplication(FAULTY, 'a.am', { lenient: true });
  expect(result).toMatchObject({ ok: true, application: { manifest: { strictRoute: true, proxyByDefault: false } } });
  expect(result.ok && result.warnings.map((warning) => warning.code)).toEqual([
    'MSPL_XML_DECLARATION',
    'MSPL_XML_TAG_END',
    'MSPL_XML_QUOTES',
  ]);
  expect(compileApplication(manifest('', '<lc:scriptOnly>'), 'a.am', { lenient: true }).ok).toBe(false);
});

test('typographic quotes and odd tag ends inside values, comments and CDATA are left alone', () => {
  const text = manifest('x = "\u201dtext\u201d / >"; Log("Event", false, x);', '<!-- \u201d / > --><lc:comment note="a \u201c b / > c"/>');
  expect(compileApplication(text, 'a.am').ok).toBe(true);
});

test('a byte order mark, and line ends of Windows, are nothing special', () => {
  const text = `\ufeff${manifest('Respnd(486, "Busy");').replaceAll('\n', '\r\n')}`;
  expect(faults(text)).toMatchObject([{ code: 'MSPL_UNKNOWN_FUNCTION', line: 3, column: 24 }]);
});

test('files are declared with unique names and columns, and keys that are columns', () => {
  const file = (attributes: string, columns = '<lc:column name="a"/><lc:column name="b"/>') =>
    codesOf(manifest('', `<lc:file ${attributes}>${columns}</lc:file>`)).filter((code) => code !== 'MSPL_FILE_UNREADABLE');
  expect(file('name="acl"')).toEqual(['MSPL_ATTRIBUTE_MISSING']);
  expect(file('name="1acl" path="x"')).toEqual(['MSPL_FILE_NAME']);
  expect(file('name="sipRequest" path="x"')).toEqual(['MSPL_RESERVED_NAME']);
  expect(file('name="acl" path="x"', '')).toEqual(['MSPL_FILE_COLUMNS']);
  expect(file('name="acl" path="x" keyColumnName="user"')).toEqual(['MSPL_FILE_KEY_COLUMN']);
  expect(file('name="acl" path="x" delimitedBy="pipe"')).toEqual(['MSPL_VALUE']);
  expect(file('name="acl" path="x"', '<lc:column name="a"/><lc:column name="a"/>')).toEqual(['MSPL_ELEMENT_TWICE']);
});
