import { array, assert, boolean, constantFrom, letrec, nat, oneof, property, record, string, tuple } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { BUILTINS, compileApplication, formatDiagnostic } from '../../src/script/index.ts';
import type { BuiltinParameter, Diagnostic } from '../../src/script/index.ts';
import { compiled, manifest, request, run } from './script-world.ts';

/** Enough to find most of what a change breaks; seeds are printed by a failure. */
const RUNS = 400;
const PATIENCE_MS = 30_000;

const WORDS = [
  ...'function if else while foreach in switch case default break continue return null true false'.split(' '),
  ...'( ) { } [ ] , ; : . = ! < > + - * / % & | && || == != <= >= ++ ? @ # \' " \\ \u201c \u2028'.split(' '),
  ...'x y f acl user sipMessage sipRequest sipResponse From Method StandardMethod Invite dbEndpoint RequestTarget FQDN'.split(' '),
  ...'0 1 2147483648 0x7F 1.5 1e5 "text" "un\\u0041" "\\q" // /* */ QueryEndpoints'.split(' '),
  '\n',
  ...BUILTINS.keys(),
];

/** Tokens in any order: mostly nonsense, sometimes a script. */
const soup = array(constantFrom(...WORDS), { maxLength: 60 }).map((words) => words.join(' '));

/** What fits each kind of parameter, and now and then what does not. */
const FITTING: Readonly<Record<string, readonly string[]>> = {
  string: ['"a"', 'y', 'sipMessage.From', 'GetUri(sipMessage.To)', 'acl["a"].user', 'null'],
  text: ['"a"', 'y', 'null'],
  integer: ['0', '1', 'x', '-1', '"7"', '"seven"', 'LengthString(y)'],
  bool: ['true', 'false', '1', 'x', 'y'],
  header: ['"X-A"', 'StandardHeader.To', '"t"', '"bad name"'],
  joined: ['x', 'y', '1.5', 'GetHeaderValues("Via")'],
  strings: ['"X-A=b"', '"nonsense"'],
  values: ['x', 'y', 'null', 'StandardMethod.Bye'],
};

function fitting(parameter: BuiltinParameter): Arbitrary<string> {
  const { kind } = parameter;
  if (typeof kind === 'object') return constantFrom(...kind.members.map((member) => `${kind.name}.${member}`));
  return constantFrom(...(FITTING[kind] ?? ['x']));
}

const call = constantFrom(...[...BUILTINS.values()].filter((builtin) => builtin.name !== 'QueryEndpoints')).chain((builtin) =>
  tuple(...builtin.parameters.map(fitting)).map((args) => `${builtin.name}(${args.join(', ')})`),
);

/** Statements that parse, and mostly make sense. */
const { statement } = letrec<{ statement: string; condition: string }>((tie) => ({
  condition: oneof(
    { maxDepth: 3 },
    constantFrom(
      'x',
      'y',
      'sipRequest',
      'x < 3',
      'y == "b"',
      'sipRequest.Method == StandardMethod.Invite',
      'acl["a"].user == null',
      'x + 1 > 2',
    ),
    tuple(tie('condition'), constantFrom('&&', '||', '=='), tie('condition')).map((sides) => `(${sides.join(' ')})`),
    tie('condition').map((inner) => `!${inner}`),
  ),
  statement: oneof(
    { maxDepth: 3 },
    call.map((code) => `${code};`),
    constantFrom(
      'x = x + 1;',
      'y = sipMessage.Content;',
      'sipMessage.Content = y;',
      'sipRequest.RequestUri = y;',
      'z = null;',
      'return;',
      ';',
    ),
    tuple(tie('condition'), tie('statement'), tie('statement')).map(([condition, a, b]) => `if (${condition}) { ${a} } else { ${b} }`),
    tuple(tie('condition'), tie('statement')).map(([condition, body]) => `while (${condition}) { ${body} x = x + 1; }`),
    tie('statement').map((body) => `foreach (dbEndpoint in QueryEndpoints("bob@example.com")) { ${body} Fork(dbEndpoint.ContactInfo); }`),
    tie('statement').map((body) => `foreach (v in Split(y, "")) { ${body} }`),
    tie('statement').map((body) => `switch (y) { case "INVITE": ${body} break; default: ${body} break; }`),
  ),
}));

const script = array(statement, { minLength: 1, maxLength: 8 }).map((statements) => `x = 1; y = "b"; ${statements.join('\n')}`);
const FILE = `<lc:file name="acl" path="acl.csv" keyColumnName="user"><lc:column name="user"/></lc:file>`;
const files = { read: () => 'a\nb\n', watch: () => () => {} };

function everyPlaceIsInside(text: string, found: readonly Diagnostic[]): void {
  const lines = text.split(/\r\n|\r|\n/);
  for (const diagnostic of found) {
    const line = lines[diagnostic.line - 1];
    expect(line).toBeDefined();
    expect(diagnostic.column).toBeGreaterThanOrEqual(1);
    expect(diagnostic.column).toBeLessThanOrEqual((line ?? '').length + 1);
    expect(formatDiagnostic(diagnostic, text)).toContain('^');
  }
}

test('random tokens never crash the compiler; every error has its place inside the text', { timeout: PATIENCE_MS }, () => {
  assert(
    property(soup, (text) => {
      const whole = manifest(text.replaceAll(']]>', ']] >'), FILE);
      const result = compileApplication(whole, 'random.am', { files });
      everyPlaceIsInside(whole, result.ok ? result.warnings : result.diagnostics);
      expect(result.ok || result.diagnostics.some((diagnostic) => diagnostic.severity === 'error')).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

test('random statements either are refused with a reason or run to an end', { timeout: PATIENCE_MS }, () => {
  let ran = 0;
  assert(
    property(script, (text) => {
      const whole = manifest(text, FILE);
      const result = compileApplication(whole, 'random.am', { files });
      if (!result.ok) return everyPlaceIsInside(whole, result.diagnostics);
      ran++;
      const { outcome } = run(result.application, request('INVITE', [], 'body'));
      expect(outcome.error?.code).not.toBe('MSPL_INTERNAL');
    }),
    { numRuns: RUNS },
  );
  expect(ran).toBeGreaterThan(50);
});

test('random bytes around and inside a manifest never crash the reader', { timeout: PATIENCE_MS }, () => {
  const base = manifest('if (sipRequest) { Respond(200, "OK"); }', FILE);
  const edit = record({ at: nat(base.length), length: nat(20), insert: string({ unit: 'binary', maxLength: 8 }) });
  assert(
    property(array(edit, { minLength: 1, maxLength: 3 }), boolean(), (edits, lenient) => {
      const text = edits.reduce((all, { at, length, insert }) => all.slice(0, at) + insert + all.slice(at + length), base);
      const result = compileApplication(text, 'random.am', { files, lenient });
      everyPlaceIsInside(text, result.ok ? result.warnings : result.diagnostics);
    }),
    { numRuns: RUNS },
  );
});

test('the built-ins called without arguments are refused or run, each of them', () => {
  for (const name of BUILTINS.keys()) {
    const result = compileApplication(manifest(`${name}();`), 'a.am');
    if (result.ok) expect(() => run(compiled(manifest(`${name}();`)))).not.toThrow();
    else expect(result.diagnostics[0]?.code).toMatch(/^MSPL_(ARGUMENTS|QUERY_ENDPOINTS)$/);
  }
});
