import { expect, test } from 'vitest';
import { compileApplication, formatDiagnostic } from '../../src/script/index.ts';
import { codes, faults, manifest, warnings } from './script-world.ts';

/** The whole output for a manifest, as `parley script check` prints it. */
function printed(text: string): string {
  const result = compileApplication(text, 'routes.am');
  const found = result.ok ? result.warnings : result.diagnostics;
  return found.map((diagnostic) => formatDiagnostic(diagnostic, text)).join('\n');
}

/** A manifest whose script begins on line 4. */
function onLineFour(script: string): string {
  return `<?xml version="1.0"?>
<m:applicationManifest m:appUri="http://example.com/a" xmlns:m="http://schemas.microsoft.com/lcs/2006/05">
  <m:splScript><![CDATA[
${script}
  ]]></m:splScript>
</m:applicationManifest>
`;
}

test('a misspelt function: file, line, column, the line itself, a caret, and what was meant', () => {
  expect(printed(onLineFour('    if (sipRequest) { Resond(403, "Forbidden"); }'))).toBe(
    `routes.am:4:23: error: there is no function Resond [MSPL_UNKNOWN_FUNCTION]
 4 |     if (sipRequest) { Resond(403, "Forbidden"); }
   |                       ^^^^^^
   = Define it at the top of the script, or call a built-in; did you mean Respond.`,
  );
});

test('a missing semicolon is shown behind what it should follow', () => {
  expect(printed(onLineFour('    x = 1\n    AddHeader("X", x);'))).toBe(
    `routes.am:4:9: error: expected ";", found "AddHeader" [MSPL_EXPECTED]
 4 |     x = 1
   |         ^
   = See docs/writing-a-routing-script.md for the language in one page.`,
  );
});

test('a missing brace is shown where the block begins that has no end', () => {
  expect(printed(onLineFour('    if (sipRequest) {\n      if (true) {\n        x = 1;\n    }\n    y = 2;'))).toBe(
    `routes.am:4:21: error: the block that begins here has no end [MSPL_NOT_CLOSED]
 4 |     if (sipRequest) {
   |                     ^
   = Write the missing "}"; it may be missing in any of the blocks inside this one.`,
  );
});

test('tabs stay tabs, so that the caret stands right whatever their width', () => {
  expect(printed(onLineFour('\t\tx = "a\\qb";'))).toBe(
    `routes.am:4:9: error: there is no escape \\q [MSPL_ESCAPE]
 4 | \t\tx = "a\\qb";
   | \t\t      ^^
   = Use \\" \\\\ \\r \\n \\t or \\uXXXX with four hexadecimal digits.`,
  );
});

test('a long line is cut around the place', () => {
  const [head, line, caret] = printed(onLineFour(`Log("Event", false, ${'"x", '.repeat(60)}nobody);`)).split('\n');
  expect(head).toBe('routes.am:4:321: error: there is no variable nobody [MSPL_UNKNOWN_NAME]');
  expect(line).toHaveLength(67 + ' 4 | '.length);
  expect(line?.slice(caret?.indexOf('^'))).toBe('nobody);');
});

test('a manifest error points into the attribute', () => {
  const text = onLineFour('').replace('<m:splScript>', '<m:requestFilter methodNames="INVITE,MESAGE"/>\n  <m:splScript>');
  expect(printed(text)).toBe(
    `routes.am:3:33: error: methodNames cannot be "MESAGE" [MSPL_VALUE]
 3 |   <m:requestFilter methodNames="INVITE,MESAGE"/>
   |                                 ^^^^^^^^^^^^^
   = Allowed: ALL, NONE, ACK, BENOTIFY, BYE, INFO, INVITE, MESSAGE, NOTIFY, OPTIONS, OTHER, REFER, REGISTER, SERVICE, SUBSCRIBE; did you mean MESSAGE.`,
  );
});

test('broken XML is shown where it breaks', () => {
  const text = onLineFour('').replace('</m:splScript>', '</m:script>');
  expect(printed(text).split('\n')[0]).toBe('routes.am:5:16: error: the manifest is not well-formed XML: unexpected close tag [MSPL_XML]');
});

test('places are right behind escapes, comments and several CDATA sections', () => {
  const text = `<a:applicationManifest a:appUri="http://example.com/a" xmlns:a="http://schemas.microsoft.com/lcs/2006/05">
<a:splScript>if (1 &lt; 2 &amp;&amp; &#x78; == 1) { }<!-- a note --><![CDATA[ y = z; ]]> q = <![CDATA[w]]>;</a:splScript></a:applicationManifest>`;
  const places = faults(text).map(({ line, column }) => text.split('\n')[line - 1]?.slice(column - 1, column + 5));
  expect(places).toEqual(['&#x78;', 'z; ]]>', 'w]]>;<']);
});

test('MSPL R58: one compile reports the errors of manifest, syntax, names and types alike, in the order of the file', () => {
  const text = manifest(
    `x = 1 +;
     y = missing;
     z = sipRequest.Methd;
     w = "a" + 1;
     Respond();
     switch (x) { case 1: w = 2; case 2: break; }
     foreach (e in QueryEndpoints("a@b")) { }`,
    '<lc:requestFilter methodNames="FOO"/>\n',
  );
  expect(faults(text).map(({ code, line }) => [line, code])).toEqual([
    [3, 'MSPL_VALUE'],
    [4, 'MSPL_EXPECTED'],
    [5, 'MSPL_UNKNOWN_NAME'],
    [6, 'MSPL_UNKNOWN_MEMBER'],
    [7, 'MSPL_ARITHMETIC'],
    [8, 'MSPL_ARGUMENTS'],
    [9, 'MSPL_FALL_THROUGH'],
    [10, 'MSPL_LOOP_VARIABLE'],
  ]);
});

test('MSPL R58: a manifest with one error gives no application', () => {
  expect(compileApplication(manifest('x = y;'), 'a.am')).not.toHaveProperty('application');
});

test('after fifty errors one more says that there are others', () => {
  const found = codes(Array.from({ length: 80 }, (_, i) => `x${i} = y${i};`).join('\n'));
  expect(found).toHaveLength(51);
  expect(found.at(-1)).toBe('MSPL_TOO_MANY_ERRORS');
});

test.each([
  ['Respnd(1, "");', 'Respond'],
  ['x = sipMesage.From;', 'sipMessage'],
  ['x = sipRequest.RequestURI;', 'RequestUri'],
  ['x = StandardMethods.Invite;', 'StandardMethod'],
  ['x = StandardMethod.INVITE;', 'Invite'],
  ['x = sipMessage.Method;', 'it belongs to sipRequest.Method'],
  ['x = sipMessage.StatusCode;', 'it belongs to sipResponse.StatusCode'],
  ['endpoint = 1; y = endpiont;', 'endpoint'],
  ['x = GetUserAtHst(sipMessage.From);', 'GetUserAtHost'],
])('did you mean: %s', (script, meant) => {
  const [fault] = faults(manifest(script));
  expect(fault?.fix).toContain(meant);
});

test.each([
  ['x = 2 * 3;', 'MSPL_OPERATOR'],
  ['x = 4 / 2;', 'MSPL_OPERATOR'],
  ['x = 4 % 2;', 'MSPL_OPERATOR'],
  ['if (1 & 2) { }', 'MSPL_OPERATOR'],
  ['x = 1; x++;', 'MSPL_OPERATOR'],
  ['x = 1; x += 2;', 'MSPL_OPERATOR'],
  ['x = 1 ? 2 : 3;', 'MSPL_OPERATOR'],
  ['x = 1; if (x = 2) { }', 'MSPL_ASSIGN_IN_EXPRESSION'],
  ["x = 'text';", 'MSPL_QUOTE'],
  ['x = \u201ctext\u201d;', 'MSPL_QUOTE'],
  ['x = @"C:\\dir";', 'MSPL_VERBATIM'],
  ['x = "a\nb";', 'MSPL_STRING_END'],
  ['x = 1; /* no end', 'MSPL_COMMENT_END'],
  ['x = 12abc;', 'MSPL_NUMBER'],
  ['x = 2147483648;', 'MSPL_NUMBER'],
  ['x = 99999999999;', 'MSPL_NUMBER'],
  ['x = 0x123456789;', 'MSPL_NUMBER'],
  ['x = 1 # 2;', 'MSPL_CHARACTER'],
  ['1 = 2;', 'MSPL_NOT_ASSIGNABLE'],
  ['1 == 2;', 'MSPL_NO_EFFECT'],
  ['x = "a"', 'MSPL_EXPECTED'],
  ['if (1) {', 'MSPL_NOT_CLOSED'],
  ['switch (1) { case 1: x = 1;', 'MSPL_NOT_CLOSED'],
  ['}', 'MSPL_EXPECTED'],
  ['else { }', 'MSPL_EXPECTED'],
  ['x = acl["a"];', 'MSPL_EXPECTED'],
  ['x = acl["a"].b;', 'MSPL_UNKNOWN_FILE'],
  ['switch (1) { x = 1; }', 'MSPL_EXPECTED'],
  ['switch (1) { case GetUri("a"): break; }', 'MSPL_CASE_CONSTANT'],
  ['switch (1) { case 1: case 2: break; }', 'MSPL_CASE_LABELS'],
  ['switch (1) { case 1: break; case 1: break; }', 'MSPL_CASE_DUPLICATE'],
  ['switch (1) { case "a": break; }', 'MSPL_CASE_NEVER'],
  ['switch (1) { default: break; default: break; }', 'MSPL_DEFAULT_TWICE'],
  ['break;', 'MSPL_BREAK'],
  ['switch (1) { case 1: continue; }', 'MSPL_CONTINUE'],
  ['Respond = 1;', 'ok'],
  ['sipRequest = 1;', 'MSPL_RESERVED_NAME'],
  ['StandardMethod = 1;', 'MSPL_RESERVED_NAME'],
  ['dbEndpoint = 1;', 'MSPL_RESERVED_NAME'],
  ['sipMessage.From = "a";', 'MSPL_READ_ONLY'],
  ['x = Respond;', 'MSPL_NOT_A_VALUE'],
  ['x = StandardMethod;', 'MSPL_NOT_A_VALUE'],
  ['x = ProxyRequest("");', 'MSPL_NO_VALUE'],
  ['x = QueryUserPolicy("a", "b");', 'MSPL_WITHDRAWN'],
  ['Challenge();', 'MSPL_WITHDRAWN'],
  ['x = Concatenate();', 'MSPL_ARGUMENTS'],
  ['x = sipRequest == sipMessage;', 'MSPL_TYPE'],
  ['if (GetHeaderValues("Via")) { }', 'MSPL_TYPE'],
  ['x = "a"; y = x.From;', 'MSPL_TYPE'],
  ['x = sipRequest; y = Concatenate(x);', 'MSPL_TYPE'],
  ['x = CheckUserOption("a", "UcEnabled");', 'MSPL_TYPE'],
  [`x = ${'('.repeat(120)}1${')'.repeat(120)};`, 'MSPL_TOO_DEEP'],
  [`x = 1${' + 1'.repeat(300)};`, 'MSPL_TOO_DEEP'],
  [`${'{'.repeat(120)}${'}'.repeat(120)}`, 'MSPL_TOO_DEEP'],
  [`x = 1; if (x) { } ${'else if (x) { } '.repeat(600)}`, 'MSPL_TOO_MANY'],
  [`Log("Event", false${', "a"'.repeat(80)});`, 'MSPL_TOO_MANY'],
])('%j is refused with its reason', (script, code) => {
  if (code === 'ok') expect(compileApplication(manifest(script), 'a.am').ok).toBe(true);
  else expect(codes(script)[0]).toBe(code);
});

test('a fault inside one statement does not hide those of the next, nor invent any', () => {
  expect(codes('if (1 == ) { x = 1; } else { y = 2; } z = nothing;')).toEqual(['MSPL_EXPECTED', 'MSPL_UNKNOWN_NAME']);
  expect(codes('foreach (x of GetHeaderValues("Via")) { Log("Event", false, "a"); } z = nothing;')).toEqual([
    'MSPL_EXPECTED',
    'MSPL_UNKNOWN_NAME',
  ]);
  expect(codes('x = 1 # 2; y = x; z = nothing;')).toEqual(['MSPL_CHARACTER', 'MSPL_UNKNOWN_NAME']);
  expect(codes('x = (1; y = 2; z = nothing;')).toEqual(['MSPL_EXPECTED', 'MSPL_UNKNOWN_NAME']);
  expect(codes('if (true) { if (false) { x = 1; /* no end } }')).toEqual(['MSPL_COMMENT_END']);
  expect(codes('x = 1 /* no end ; y = x;')).toEqual(['MSPL_COMMENT_END']);
});

test('a name that is no value, but means something else, is told once, with what it means', () => {
  const file = '<lc:file name="prefixes" path="p.csv"><lc:column name="c"/></lc:file>';
  const files = { read: () => '', watch: () => () => undefined };
  for (const script of ['x = Concatenate("a", prefixes);', 'x = Concatenate("a", prefixes.c);']) {
    expect(faults(manifest(script, file), { files }).map(({ message }) => message)).toEqual(['prefixes is a file, not a value']);
  }
  expect(codes('x = Concatenate("a", Log);')).toEqual(['MSPL_NOT_A_VALUE']);
  expect(codes('x = Concatenate("a", StandardMethod);')).toEqual(['MSPL_NOT_A_VALUE']);
});

/** Codes of what is remarked about a script that compiles. */
const remarked = (script: string): readonly string[] => warnings(manifest(script));

test('a status that no answer has is told where it is written', () => {
  for (const status of ['99', '0', '700', '"700"']) expect(remarked(`Respond(${status}, "low");`)).toEqual(['MSPL_NEVER_STATUS']);
  for (const status of ['100', '699', '"302"']) expect(remarked(`Respond(${status}, "good");`)).toEqual([]);
});

test('a target that is no URI is told where it is written; "" is one for ProxyRequest alone', () => {
  for (const target of ['bob@b.test', 'sip:', '']) {
    expect(remarked(`BeginFork(false, 0); Fork("${target}"); EndFork();`)).toEqual(['MSPL_NEVER_URI']);
    expect(remarked(`RetargetRequest("${target}");`)).toEqual(['MSPL_NEVER_URI']);
    expect(remarked(`ProxyRequest("${target}");`)).toEqual(target === '' ? [] : ['MSPL_NEVER_URI']);
  }
  expect(remarked('BeginFork(false, 0); Fork("sip:a@b.test"); EndFork();')).toEqual([]);
  expect(remarked('ProxyRequest("tel:+15550100");')).toEqual([]);
});

test('a fork set that nothing opens is told at each call; one that another function opens is not', () => {
  expect(remarked('Fork("sip:a@b.test");')).toEqual(['MSPL_NEVER_FORKED']);
  expect(remarked('Fork("sip:a@b.test"); EndFork();')).toEqual(['MSPL_NEVER_FORKED', 'MSPL_NEVER_FORKED']);
  expect(remarked('function open() { BeginFork(false, 0); } open(); Fork("sip:a@b.test"); EndFork();')).toEqual([]);
});

test('a text that is no number is told where a number is wanted: the arguments are in the wrong order, perhaps', () => {
  expect(printed(onLineFour('    if (sipRequest) { Respond("Forbidden", 403); }'))).toBe(
    `routes.am:4:31: warning: the text "Forbidden" is no number: the script will end here [MSPL_NEVER_NUMBER]
 4 |     if (sipRequest) { Respond("Forbidden", 403); }
   |                               ^^^^^^^^^^^
   = Write a number; are the arguments in their order?`,
  );
  expect(printed(onLineFour('    if (sipRequest) { Respond("403", "Forbidden"); }'))).toBe('');
});
