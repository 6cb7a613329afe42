import { expect, test } from 'vitest';
import { codes, manifest, request, runScript, valueOf, warnings } from './script-world.ts';

/** The parts of a collection, between bars. */
function parts(expression: string): string {
  const message = request('INVITE');
  runScript(`x = "|"; foreach (p in ${expression}) { x = Concatenate(x, p, "|"); } AddHeader("X", x);`, message);
  return message.first('X') ?? '';
}

test('MSPL R34: Split', () => {
  expect(parts('Split("a<b<c", "<")')).toBe('|a|b|c|');
  expect(parts('Split("abc", "<")')).toBe('|abc|');
  expect(parts('Split("a,b", "")')).toBe('|a|b|');
  expect(parts('Split("x::y", "::")')).toBe('|x||y|');
  expect(parts('Split("", ",")')).toBe('||');
  expect(parts('Split(",a,", ",")')).toBe('||a||');
});

test('MSPL R34: more pieces than a collection may have end the script, and are not cut short in silence', () => {
  const body = '<a>'.repeat(1_000);
  const { outcome } = runScript('foreach (p in Split(sipMessage.Content, "<")) { }', request('MESSAGE', [], body));
  expect(outcome.error?.code).toBe('MSPL_COLLECTION_LIMIT');
});

test.each([
  ['IndexOfString("hello", "ll")', '2'],
  ['IndexOfString("hello", "x")', '-1'],
  ['IndexOfString("hello", "")', '-1'],
  ['IndexOfString("hi", "hello")', '-1'],
  ['IndexOfString("hello", null)', '-1'],
  ['IndexOfString("hello", "LL")', '-1'],
  ['IndexOfString("hello", "LL", true)', '2'],
  ['IndexOfString("\u0130x", "X", true)', '1'],
  ['LengthString("hello")', '5'],
  ['LengthString(null)', '0'],
  ['LengthString("")', '0'],
  ['SubString("hello", 1, 3)', 'ell'],
  ['SubString("hello", 2)', 'llo'],
  ['SubString("hello", 3, 10)', 'lo'],
  ['SubString("hello", 9)', ''],
  ['SubString("hello", -2, 3)', 'hel'],
  ['SubString("hello", 1, -1)', ''],
])('MSPL R35: %s is "%s"', (expression, text) => {
  expect(valueOf(expression)).toBe(text);
});

test.each([
  ['ContainsString("Microsoft Lync", "lync", true)', 'true'],
  ['ContainsString("Microsoft Lync", "lync", false)', 'false'],
  ['ContainsString("Microsoft Lync", "lync", 1)', 'true'],
  ['ContainsString("abc", "", false)', 'true'],
  ['EqualString("INVITE", "invite", true)', 'true'],
  ['EqualString("INVITE", "invite", false)', 'false'],
  ['EqualString("a", "ab", true)', 'false'],
  ['EqualString(5, "5", false)', 'true'],
  ['Concatenate("a", 1, 2.5, true, null, StandardMethod.Bye)', 'a12.5trueBYE'],
  ['Concatenate("one")', 'one'],
  ['Base64Decode("QcOpIQ==")', 'A\u00c3\u00a9!'],
])('%s is "%s"', (expression, text) => {
  expect(valueOf(expression)).toBe(text);
});

test('Base64Decode of what is no Base64 ends the script', () => {
  expect(valueOf('Base64Decode("a b=")')).toBe('MSPL_BASE64');
  expect(valueOf('Base64Decode("abc")')).toBe('MSPL_BASE64');
});

test('HashString is stable, below maxValue, and minds the case only when asked to', () => {
  // ((97 * 31 + 98) * 31 + 99) for "abc"
  expect(valueOf('HashString("abc", 31, 1000000, true)')).toBe('96354');
  expect(valueOf('HashString("ABC", 31, 1000000, false)')).toBe('96354');
  expect(valueOf('HashString("ABC", 31, 1000000, true)')).toBe('64578');
  expect(valueOf('HashString("alice@example.com", 65599, 4, false)')).toMatch(/^[0-3]$/);
  expect(valueOf('HashString("", 31, 7, true)')).toBe('0');
});

test('HashString with a maxValue of 0 ends the script', () => {
  expect(valueOf('HashString("abc", 31, 0, true)')).toBe('MSPL_HASH_RANGE');
});

test.each([
  ['ContainsString(null, "a", true)', 'ContainsString got null for text'],
  ['EqualString("a", null, true)', 'EqualString got null for b'],
  ['SubString("a", null)', 'SubString got null for start'],
  ['GetUri(null)', 'GetUri got null for value'],
])('MSPL R43: %s ends the script and says which argument', (expression, message) => {
  expect(runScript(`x = ${expression};`).outcome.error).toMatchObject({ code: 'MSPL_NULL', message });
});

test('MSPL R43: null to the channel of Log ends the script; the event names function and line', () => {
  const script = 'function note(channel) {\n  Log(channel, false, "x");\n}\nnote(null);\nRespond(500, "No");';
  const { outcome, did } = runScript(script);
  expect(outcome.error).toMatchObject({
    message: 'Log got null for channel in function note',
    function: 'note',
    line: 4,
    column: 3,
    length: 24,
  });
  expect(did).toEqual([]);
});

test('null among the values of Log and Concatenate is empty', () => {
  expect(runScript('Log("Event", false, "epid ", GetParameterValue(sipRequest.To, "epid"), "|");').log).toEqual(['Event short epid |']);
});

test('Log knows three channels and the older name of the tracer', () => {
  const script = 'Log("Event", false, "a"); Log("Error", true, "b"); Log("Debugr", 1, "c"); Log("Debug", 0, "d"); Log("Event", 1);';
  expect(runScript(script).log).toEqual(['Event short a', 'Error whole b', 'Debugr whole c', 'Debugr short d', 'Event whole ']);
});

test('a log channel that there is not is warned of, and goes to the tracer', () => {
  expect(warnings(manifest('Log("Evnt", false, "a");'))).toEqual(['MSPL_LOG_CHANNEL']);
  expect(runScript('Log("Evnt", false, "a");').log).toEqual(['Debugr short a']);
});

test('collections of text can be logged and joined', () => {
  const message = request('INVITE', ['Allow: INVITE, BYE']);
  expect(runScript('Log("Event", false, "allows ", GetHeaderValues("Allow"));', message).log).toEqual(['Event short allows INVITE, BYE']);
});

test('Concatenate without arguments does not compile', () => {
  expect(codes('x = Concatenate();')).toEqual(['MSPL_ARGUMENTS']);
});
