import { expect, test } from 'vitest';
import { BUILTINS } from '../../src/script/index.ts';
import { ENUMERATIONS } from '../../src/script/enumerations.ts';
import { LIBRARY } from '../../src/script/library/index.ts';
import { CLASSES } from '../../src/script/object-classes.ts';
import { codes, compiled, faults, headerAfter, manifest, request, run, runScript, warnings } from './script-world.ts';

test('MSPL R40: a function that calls itself is an error', () => {
  expect(faults(manifest('function f(a) { return f(a); } x = f(1);'))).toMatchObject([
    { code: 'MSPL_RECURSION', message: 'function f calls itself: f -> f', line: 3, column: 33 },
  ]);
});

test('MSPL R40: a circle of functions is one error, with the way around it', () => {
  const script = 'function a() { b(); } function b() { c(); } function c() { a(); } function d() { a(); } d();';
  expect(faults(manifest(script)).map((fault) => fault.message)).toEqual(['function a calls itself: a -> b -> c -> a']);
});

test('MSPL R40: a function after the first statement, or inside one, is an error', () => {
  expect(codes('x = 1; function f() { return 1; } y = f();')).toEqual(['MSPL_FUNCTION_AFTER_BODY']);
  expect(codes('if (true) { function f() { return 1; } } y = f();')).toEqual(['MSPL_FUNCTION_INSIDE']);
});

test('MSPL R40: collections and objects cannot be returned', () => {
  expect(codes('function f() { return GetHeaderValues("Via"); } x = f();')).toEqual(['MSPL_RETURN_TYPE']);
  expect(codes('function f() { return sipRequest; } x = f();')).toEqual(['MSPL_RETURN_TYPE']);
});

test('MSPL R41: a case without break is an error at the next one, or at itself when it is the last', () => {
  const script = 'switch (1) {\ncase 1: x = 1;\ncase 2: x = 2; break;\ncase 3: x = 3;\n}';
  expect(faults(manifest(script)).map(({ code, line }) => [code, line])).toEqual([
    ['MSPL_FALL_THROUGH', 5],
    ['MSPL_CASE_BREAK', 6],
  ]);
});

test('a branch may end in return, in continue, in a block, or in both sides of an if', () => {
  const script = `foreach (v in Split("1,2", "")) { switch (v) {
    case "1": continue; case "2": { x = 1; break; } case "3": if (x) { return; } else { break; } case "4": return; default: x = 2; } }`;
  expect(() => compiled(manifest(script))).not.toThrow();
});

test('MSPL R42: nothing is left of one run in the next', () => {
  const application = compiled(manifest('if (seen == null) { AddHeader("X", "first"); } seen = 1;'));
  const [a, b] = [request('INVITE'), request('INVITE')];
  run(application, a);
  run(application, b);
  expect([a.first('X'), b.first('X')]).toEqual(['first', 'first']);
});

test('MSPL R42: what a function assigns is not known outside it, nor the other way round', () => {
  expect(codes('function f() { inner = 1; return inner; } x = f(); y = inner;')).toEqual(['MSPL_UNKNOWN_NAME']);
  expect(codes('function f() { return outer; } outer = 1; x = f();')).toEqual(['MSPL_UNKNOWN_NAME']);
  expect(headerAfter('function f(x) { x = 2; return x; } x = 1; y = f(x); AddHeader("X", Concatenate(x, y));', 'X')).toBe('12');
});

test('functions take their body as a block or as one statement, and may come with none to call them', () => {
  expect(headerAfter('function one() return 1; AddHeader("X", one());', 'X')).toBe('1');
  expect(warnings(manifest('function f(a) { return a; }'))).toEqual(['MSPL_UNUSED_FUNCTION']);
  expect(codes('function f(a) { return sipRequest.Nothing; }')).toEqual(['MSPL_UNKNOWN_MEMBER']);
});

test('names of functions and parameters are unique and no built-ins', () => {
  expect(codes('function f() { return 1; } function f() { return 2; } x = f();')).toContain('MSPL_DUPLICATE_FUNCTION');
  expect(codes('function Respond(a) { return a; }')).toContain('MSPL_RESERVED_NAME');
  expect(codes('function f(a, a) { return a; } x = f(1, 2);')).toEqual(['MSPL_DUPLICATE_PARAMETER']);
  expect(codes('function f(sipRequest) { return 1; } x = f(1);')).toEqual(['MSPL_RESERVED_NAME']);
  expect(codes('function f(a) { return a; } x = f();')).toEqual(['MSPL_ARGUMENTS']);
});

test('script names never become names of the generated code', () => {
  const names = ['constructor', '__proto__', 's', 'library', 'files', 'arguments', 'eval', 'let', 'v0', 'toString', 'process', 'this'];
  const script =
    names.map((name, index) => `${name} = ${index};`).join(' ') +
    names.map((name) => `AddHeader("X-${name.replaceAll('_', '')}", ${name});`).join(' ');
  const message = request('INVITE');
  const { outcome } = run(compiled(manifest(script)), message);
  expect(outcome.error).toBeUndefined();
  expect(names.map((name) => message.first(`X-${name.replaceAll('_', '')}`))).toEqual(names.map((_, index) => String(index)));
});

test('strings of the script cannot leave their quotes in the generated code', () => {
  const script = String.raw`x = "\"; throw 1; //\u2028\u2029\u0060\\"; AddHeader("X", LengthString(x)); switch (x) { case "'\"\\": break; }`;
  expect(headerAfter(script, 'X')).toBe('18');
});

test('a function called a thousand times over is charged for', () => {
  const doubling = Array.from({ length: 20 }, (_, i) => `function f${i}() { f${i + 1}(); f${i + 1}(); }`).toReversed();
  const script = `function f20() { x = 1; } ${doubling.join(' ')} f0();`;
  expect(runScript(script).outcome.error?.code).toBe('MSPL_STEP_LIMIT');
});

test('more kinds of calls than are sensible are refused', () => {
  const levels = Array.from({ length: 12 }, (_, i) => {
    const parameters = Array.from({ length: i + 1 }, (_, j) => `a${j}`).join(', ');
    return `function f${i}(${parameters}) { ${i === 11 ? 'x = 1;' : `f${i + 1}(${parameters}, 1); f${i + 1}(${parameters}, "a");`} }`;
  });
  expect(codes(`${levels.toReversed().join('\n')} f0(1);`)).toContain('MSPL_TOO_MANY');
});

test('every built-in, member and enumeration has its part of the runtime', () => {
  for (const name of [...BUILTINS.keys(), ...ENUMERATIONS.keys()]) {
    // Concatenate is joined two by two.
    if (name !== 'Concatenate') expect(LIBRARY).toHaveProperty(name);
  }
  for (const fields of Object.values(CLASSES)) {
    for (const [name, { owner, writable }] of fields) {
      expect(LIBRARY).toHaveProperty(`${owner}_${name}`);
      if (writable) expect(LIBRARY).toHaveProperty(`set_${owner}_${name}`);
    }
  }
});

test.each([
  ['QueryCategory("a@b", "state")', 'registrarGenerated'],
  ['ProxyToUri("sip:a@b")', 'Use ProxyRequest(uri)'],
  ['ProxyByUri("sip:a@b")', 'Use ProxyRequest(uri)'],
  ['RemoveHeader("X")', 'SetParameterValue'],
  ['Regex("a", "b")', 'no regular expressions'],
])('%s: that no version has such a function is said with what does its work', (call, instead) => {
  const [fault] = faults(manifest(`${call};`));
  expect(fault).toMatchObject({ code: 'MSPL_NEVER_THERE', fix: expect.stringContaining(instead) as string });
});

test('an unknown function is told the nearest that there is', () => {
  const [fault] = faults(manifest('ProxyReqest("");'));
  expect(fault).toMatchObject({ code: 'MSPL_UNKNOWN_FUNCTION', fix: expect.stringContaining('did you mean ProxyRequest') as string });
});
