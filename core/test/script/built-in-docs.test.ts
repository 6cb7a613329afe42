/** What people are told of the language is complete, and its examples are scripts that compile. */
import { expect, test } from 'vitest';
import { BUILTINS, BUILTIN_VARIABLES, CLASSES, CLASS_DOCS, ENUMERATIONS } from '../../src/script/index.ts';
import { BUILTIN_DOCS } from '../../src/script/builtin-docs.ts';
import { ScriptRunErrors } from '../../src/script/errors.ts';
import { ENUMERATION_DOCS, FIELD_DOCS, VARIABLE_DOCS } from '../../src/script/object-docs.ts';
import { NOTHING } from '../../src/script/types.ts';
import { compiled, manifest, warnings } from './script-world.ts';

test('every built-in has words, a result where it gives one, and an example that compiles without a remark', () => {
  expect(Object.keys(BUILTIN_DOCS)).toEqual([...BUILTINS.keys()]);
  for (const { name, doc, result, returns, example } of BUILTINS.values()) {
    expect(doc, name).toMatch(/^[A-Z].*[.?]$/s);
    expect(result === '', name).toBe(returns === NOTHING);
    expect(example, name).toContain(`${name}(`);
    expect(() => compiled(manifest(example)), name).not.toThrow();
    expect(warnings(manifest(example)), name).toEqual([]);
  }
});

test('every error that a built-in names is one of those that end a run or count against the application', () => {
  for (const { name, errors } of BUILTINS.values()) {
    for (const { code, when } of errors) {
      expect(Object.keys(ScriptRunErrors), name).toContain(code);
      expect(when, name).toMatch(/^[a-z"].*[^.]$/i);
    }
  }
  expect(BUILTINS.get('ProxyResponse')?.errors.map(({ code }) => code)).toEqual(['MSPL_WRONG_KIND', 'MSPL_ALREADY_HANDLED']);
});

test('every variable, class, member and enumeration has words, and no words are about something else', () => {
  expect(Object.keys(VARIABLE_DOCS).toSorted()).toEqual([...BUILTIN_VARIABLES.keys()].toSorted());
  expect(Object.keys(CLASS_DOCS).toSorted()).toEqual(Object.keys(CLASSES).toSorted());
  const own = Object.entries(CLASSES).flatMap(([name, fields]) =>
    [...fields].filter(([, field]) => field.owner === name).map(([field]) => `${name}.${field}`),
  );
  expect(Object.keys(FIELD_DOCS).toSorted()).toEqual(own.toSorted());
  expect(Object.keys(ENUMERATION_DOCS).toSorted()).toEqual([...ENUMERATIONS.keys()].toSorted());
  for (const enumeration of ENUMERATIONS.values()) {
    expect(enumeration.doc, enumeration.name).not.toBe('');
    for (const member of enumeration.members) expect(enumeration.memberDoc(member), `${enumeration.name}.${member}`).toMatch(/\w\.$/);
  }
});
