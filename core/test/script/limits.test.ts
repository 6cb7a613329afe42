import { expect, test } from 'vitest';
import { codes, compiled, manifest, request, run, runScript } from './script-world.ts';

test('MSPL R39: the 501st iteration of one while ends the script, two loops of 500 do not', () => {
  const loop = (times: number) => `n = 0; while (n < ${times}) { n = n + 1; }`;
  expect(runScript(`${loop(500)} ${loop(500)} Respond(200, "OK");`)).toMatchObject({
    did: ['respond 200 OK'],
    outcome: { error: undefined },
  });
  const { did, outcome } = runScript(`${loop(501)} Respond(200, "OK");`);
  expect({ did, code: outcome.error?.code, line: outcome.error?.line }).toEqual({ did: [], code: 'MSPL_WHILE_LIMIT', line: 3 });
});

test('MSPL R39: each start of an inner loop counts anew', () => {
  const script = 'i = 0; while (i < 5) { i = i + 1; j = 0; while (j < 400) { j = j + 1; } } Respond(200, "OK");';
  expect(runScript(script).did).toEqual(['respond 200 OK']);
});

test('loops inside loops end at the step limit', () => {
  const script = 'i = 0; while (i < 500) { i = i + 1; j = 0; while (j < 500) { j = j + 1; } }';
  expect(runScript(script).outcome.error?.code).toBe('MSPL_STEP_LIMIT');
});

test('foreach is charged for too', () => {
  const values = 'Split("0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9", "")';
  const nested = ['a', 'b', 'c', 'd'].reduceRight((body, name) => `foreach (${name} in ${values}) { ${body} }`, 'x = 1;');
  expect(runScript(nested).outcome.error?.code).toBe('MSPL_STEP_LIMIT');
});

test('text that doubles ends the script at a million characters', () => {
  const { outcome } = runScript('x = "0123456789abcdef"; i = 0; while (true) { x = Concatenate(x, x); i = i + 1; }');
  expect(outcome.error?.code).toBe('MSPL_TEXT_LIMIT');
});

test('text that is built up piece by piece is charged for the pieces', () => {
  const body = '<tag attribute="some value that makes it long">text</tag>'.repeat(400);
  const message = request('MESSAGE', [], body);
  const script =
    'all = ""; foreach (p in Split(sipMessage.Content, "<")) { all = Concatenate(all, "<", p); } sipMessage.Content = SubString(all, 1);';
  const { outcome } = runScript(script, message);
  expect(outcome.error).toBeUndefined();
  expect(message.body.toString()).toBe(body);
});

test('searching a long body over and over is charged for', () => {
  const message = request('MESSAGE', [], 'x'.repeat(900_000));
  const script = 'i = 0; while (i < 500) { i = i + 1; found = ContainsString(sipMessage.Content, "needle", true); }';
  expect(runScript(script, message).outcome.error?.code).toBe('MSPL_STEP_LIMIT');
});

test('a header or an answer made very long is charged for', () => {
  const message = request('MESSAGE', [], 'x'.repeat(300_000));
  const script = 'i = 0; while (i < 9) { i = i + 1; SetParameterValue("To", Concatenate("p", i), sipMessage.Content); }';
  expect(runScript(script, message).outcome.error?.code).toBe('MSPL_TEXT_LIMIT');
});

test('hostile header values cost no more than their length', () => {
  const values = [
    ';'.repeat(60_000),
    '<'.repeat(60_000),
    '"'.repeat(60_000),
    '\\'.repeat(60_000),
    ';x=<'.repeat(15_000),
    `;${' '.repeat(60_000)}tag`,
  ];
  const application = compiled(
    manifest(
      `v = sipMessage.Content; a = GetParameterValue(v, "q"); b = GetUserAtHost(v); c = GetUriParameter(v, "q"); d = GetDisplayName(v);
       AddHeader("X", v); SetParameterValue("X", "q", "1"); Respond(200, "OK");`,
    ),
  );
  for (const value of values) expect(run(application, request('MESSAGE', [], value)).did).toEqual(['respond 200 OK']);
});

test('a very long line of functions that call each other is refused, not run into', () => {
  const chain = Array.from({ length: 8_000 }, (_, i) => `function f${i}(){f${i + 1}();}`).join('');
  expect(codes(`${chain}function f8000(){x=1;}f0();`)).toEqual(['MSPL_TOO_DEEP']);
});
