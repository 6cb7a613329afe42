import { expect, test } from 'vitest';
import { codes, compiled, headerAfter, manifest, request, response, run, runScript, valueOf } from './script-world.ts';

/** What the variable x holds after a script, as text. */
function after(script: string): string | undefined {
  return headerAfter(`${script} AddHeader("X", Concatenate("", x));`, 'X');
}

test('MSPL R36: a variable keeps the type of its first assignment', () => {
  expect(after('x = 1; x = "12"; x = x + 0;')).toBe('12');
  expect(after('x = "a"; x = 12;')).toBe('12');
  expect(after('x = 1.5; x = 2; x = x + 0.25;')).toBe('2.25');
  expect(after('x = 7; x = 2.9;')).toBe('2');
  expect(after('x = true; x = 0;')).toBe('false');
  expect(after('x = false; x = "yes";')).toBe('true');
  expect(after('x = true; x = sipResponse;')).toBe('false');
  expect(after('x = "a"; x = sipRequest.StandardMethod;')).toBe('INVITE');
});

test('MSPL R36: text whose whole is no number ends the script where a number is wanted', () => {
  const message = request('INVITE');
  const { outcome } = runScript('x = 1;\n  x = "1a"; AddHeader("X", "reached");', message);
  expect(outcome.error).toMatchObject({ code: 'MSPL_CONVERSION', message: '"1a" does not convert to an integer', line: 4, column: 7 });
  expect(message.has('X')).toBe(false);
});

test.each(['""', '" 1"', '"1.5"', '"0x10"', '"2147483648"', '"-2147483649"', '"1e3"'])('%s is no integer', (text) => {
  expect(runScript(`x = 1; x = ${text};`).outcome.error?.code).toBe('MSPL_CONVERSION');
});

test.each(['""', '"1,5"', '".5"', '"5."', '"1e3"', '"Infinity"'])('%s is no float', (text) => {
  expect(runScript(`x = 1.0; x = ${text};`).outcome.error?.code).toBe('MSPL_CONVERSION');
});

test('the first assignment is the first in the text, also through loops and functions', () => {
  expect(after('foreach (h in Split("1,2,3", "")) { y = n; n = 0; n = h; } x = n + 1;')).toBe('4');
  expect(after('if (false) { x = 1; } else { x = "7"; } x = x + 1;')).toBe('8');
  expect(headerAfter('function twice(a) { b = a; b = "4"; return b + b; } AddHeader("X", twice(1));', 'X')).toBe('8');
});

test('null leaves the type open, and is kept by a variable of any type', () => {
  expect(after('x = null; x = 5; x = "6"; x = x + 1;')).toBe('7');
  expect(after('y = 5; y = null; if (y == null) { x = "null"; }')).toBe('null');
  expect(after('if (unset == null) { x = "null"; } if (false) { unset = 1; }')).toBe('null');
});

test('a function works anew with each choice of argument types', () => {
  const script = `function kind(a) { if (a == "1") { return "one"; } return Concatenate("", a); }
    AddHeader("X", Concatenate(kind(1), kind("1"), kind(2.5), kind(true), kind(null), kind(StandardMethod.Bye)));`;
  expect(headerAfter(script, 'X')).toBe('oneone2.5oneBYE');
});

test('the first return gives a function its type; without one it gives null', () => {
  expect(headerAfter('function f(a) { if (a) { return 1; } return "2"; } AddHeader("X", f(false) + 1);', 'X')).toBe('3');
  expect(headerAfter('function f(a) { if (a) { return 1; } } if (f(false) == null) { AddHeader("X", "null"); }', 'X')).toBe('null');
});

test.each([
  ['1', '1'],
  ['-5', '-5'],
  ['0x7FFFFFFF', '2147483647'],
  ['0xFFFFFFFF', '-1'],
  ['-2147483648', '-2147483648'],
  ['1.5', '1.5'],
  ['0.1', '0.1'],
  ['16777217.0', '16777216'],
  ['true', 'true'],
  ['"a\\"b\\\\c\\u0041\\t"', 'a"b\\cA'],
  ['"\\u0416"', 'Ð\u0096'],
  ['null', ''],
  ['StatusClass._4xx', '4xx'],
  ['StandardMethod.BENotify', 'BENOTIFY'],
  ['StandardHeader.CallID', 'Call-ID'],
  ['ServerRole.FrontEnd', 'FrontEnd'],
  ['1 + 2 - 4', '-1'],
  ['2147483647 + 1', '-2147483648'],
  ['1 + 0.5', '1.5'],
  ['-(2 + 3)', '-5'],
  ['-(2.5)', '-2.5'],
  ['!true', 'false'],
  ['!"x"', 'false'],
  ['!""', 'true'],
  ['!0', 'true'],
  ['!null', 'true'],
  ['1 == 1', 'true'],
  ['1 == "1"', 'true'],
  ['"1" == 1', 'true'],
  ['"A" == "a"', 'false'],
  ['1 == 1.5', 'true'],
  ['1.5 == 1', 'false'],
  ['1 == true', 'true'],
  ['null == null', 'true'],
  ['null == ""', 'false'],
  ['"" == null', 'false'],
  ['"" != null', 'true'],
  ['sipResponse == null', 'true'],
  ['sipRequest != null', 'true'],
  ['1 < 2', 'true'],
  ['"b" > "a"', 'true'],
  ['"10" < 9', 'true'],
  ['2 >= "2"', 'true'],
  ['null < 1', 'false'],
  ['null >= null', 'false'],
  ['1 < 2 == true', 'true'],
  ['true || false && false', 'true'],
  ['"x" && 1', 'true'],
  ['"" || null', 'false'],
  ['Role == ServerRole.FrontEnd', 'true'],
  ['Role == "FrontEnd"', 'true'],
  ['"FrontEnd" == Role', 'true'],
  ['StatusClass._2xx == 200', 'true'],
  ['200 == StatusClass._2xx', 'true'],
  ['FQDN', 'fe1.example.com'],
  ['ServerPool', 'pool.example.com'],
])('%s is %s', (expression, text) => {
  expect(valueOf(expression)).toBe(text);
});

test('&& and || look at their right side only when it matters', () => {
  const { did } = runScript('x = true || Respond(500, "No"); y = false && Respond(500, "No"); if (x && !y) { Respond(200, "OK"); }');
  expect(did).toEqual(['respond 200 OK']);
});

test('arithmetic with null ends the script', () => {
  expect(runScript('n = 1; n = null; x = n + 1;').outcome.error?.code).toBe('MSPL_NULL_NUMBER');
  expect(runScript('n = 1.5; n = null; x = -n;').outcome.error?.code).toBe('MSPL_NULL_NUMBER');
});

test('text is a collection of one, null of none', () => {
  expect(after('x = 0; foreach (h in "a,b") { x = x + LengthString(h); }')).toBe('3');
  expect(after('x = 0; foreach (h in null) { x = 1; }')).toBe('0');
  expect(after('x = 0; c = Split("a,b", ""); c = "z"; foreach (h in c) { x = x + 1; }')).toBe('1');
  expect(codes('foreach (h in sipRequest) { }')).toEqual(['MSPL_TYPE']);
});

test('MSPL R37: Method and StandardMethod both equal the member', () => {
  const both = 'sipRequest.Method == StandardMethod.Invite && sipRequest.StandardMethod == StandardMethod.Invite';
  expect(valueOf(both)).toBe('true');
  expect(valueOf(both, request('MESSAGE'))).toBe('false');
  expect(valueOf('StandardMethod.Invite == sipRequest.Method')).toBe('true');
});

test('MSPL R37: a method without a member is NonStandard', () => {
  const foo = request('FOO');
  expect(valueOf('sipRequest.StandardMethod == StandardMethod.NonStandard', foo)).toBe('true');
  expect(valueOf('sipRequest.Method == StandardMethod.NonStandard', request('FOO'))).toBe('true');
  expect(valueOf('sipRequest.Method == StandardMethod.NonStandard', request('BYE'))).toBe('false');
  expect(valueOf('sipRequest.Method == StandardMethod.Invite', request('invite'))).toBe('false');
});

test('a switch compares members with text and numbers too', () => {
  const script = `switch (sipRequest.Method) { case StandardMethod.Bye: Respond(200, "bye"); break; default: Respond(200, "other"); }`;
  expect(runScript(script, request('BYE')).did).toEqual(['respond 200 bye']);
  expect(runScript(script).did).toEqual(['respond 200 other']);
  expect(runScript('switch (sipRequest.StandardMethod) { case "INVITE": Respond(200, "i"); break; }').did).toEqual(['respond 200 i']);
  expect(runScript('switch (GetUriParameter("sip:a@b", "x")) { case null: Respond(200, "null"); break; case "": break; }').did).toEqual([
    'respond 200 null',
  ]);
  expect(runScript('switch (2.9) { case -1: break; default: if (true) { Respond(200, "d"); return; } else { break; } }').did).toEqual([
    'respond 200 d',
  ]);
});

test('MSPL R38: sipRequest is false while a response is processed, and the other way round', () => {
  const script =
    'if (sipRequest) { AddHeader("X", "request"); } if (!sipResponse) { AddHeader("Y", "y"); } else { AddHeader("X", "response"); }';
  const [a, d] = [request('INVITE'), response(200)];
  const application = compiled(manifest(script));
  run(application, a);
  run(application, d);
  expect([a.first('X'), a.first('Y'), d.first('X'), d.first('Y')]).toEqual(['request', 'y', 'response', undefined]);
});

test('reading sipRequest on a response ends the script, with the place', () => {
  const { outcome } = runScript('x = sipRequest.Method;', response(200));
  expect(outcome.error).toMatchObject({ code: 'MSPL_ABSENT', message: 'Request.Method was read where there is none', line: 3, column: 28 });
});
