import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { assembleChain } from '../../src/host/chain-assembly.ts';
import type { ScriptSource } from '../../src/host/script-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-chain-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Written {
  readonly appUri?: string;
  readonly elements?: string;
  readonly script?: string;
}

function source(
  name: string,
  { appUri = `http://example.com/${name}`, elements = '', script = '' }: Written = {},
  more: Partial<ScriptSource> = {},
): ScriptSource {
  const path = join(folder, `${name}.am`);
  const text = `<a:applicationManifest a:appUri="${appUri}" xmlns:a="http://schemas.microsoft.com/lcs/2006/05">${elements}<a:splScript>${script}</a:splScript></a:applicationManifest>`;
  const origin = more.plugin === undefined ? 'config' : 'plugin';
  return {
    name,
    path,
    text,
    origin,
    revision: '1',
    plugin: undefined,
    handler: undefined,
    priority: undefined,
    userServices: false,
    ...more,
  };
}

function assemble(sources: readonly ScriptSource[], order: readonly string[] = []): string[] {
  return assembleChain(sources, { role: 'FrontEnd', order, compile: {}, warn: () => undefined }).map((application) => application.name);
}

const REGISTRAR = { plugin: 'registrar', priority: 300, userServices: true } as const;
const BEFORE = { elements: '<a:allowRegistrationBeforeUserServices/>' };

test('MSPL R52: low priorities come first, and an operator’s script stands where its manifest allows', () => {
  const sources = [
    source('routing', {}, { plugin: 'routing', priority: 900 }),
    source('mine-behind'),
    source('mine-before', BEFORE),
    source('service', {}, { plugin: 'service' }),
    source('registrar', {}, REGISTRAR),
  ];
  expect(assemble(sources)).toEqual(['mine-before', 'registrar', 'mine-behind', 'service', 'routing']);
});

test('scripts.order puts applications first, in its own order; the others keep their priority', () => {
  const sources = [source('a', {}, { plugin: 'a', priority: 1 }), source('b', BEFORE), source('c', BEFORE)];
  expect(assemble(sources, ['c', 'b'])).toEqual(['c', 'b', 'a']);
});

test('scripts.order with a name that is none says which there are', () => {
  expect(() => assemble([source('a')], ['nobody'])).toThrow(/names nobody/);
});

test('MSPL R4: before the application that homes users only with allowRegistrationBeforeUserServices; the error names both', () => {
  const sources = [source('registrar', {}, REGISTRAR), source('mine')];
  expect(() => assemble(sources, ['mine'])).toThrow(/mine is to run before registrar/);
  expect(assemble([source('registrar', {}, REGISTRAR), source('mine', BEFORE)], ['mine'])).toEqual(['mine', 'registrar']);
});

test('MSPL R5: a script for another server role is refused by name', () => {
  expect(() => assemble([source('edge', { elements: '<a:serverFilter roles="AccessProxy"/>' })])).toThrow(
    /edge is for servers of the role AccessProxy/,
  );
});

test('MSPL R2: two applications with one appUri are refused, both named', () => {
  const sources = [source('one', { appUri: 'http://example.com/x' }), source('two', { appUri: 'http://example.com/x' })];
  expect(() => assemble(sources)).toThrow(/one and two have the same appUri/);
});

test('MSPL R58: every fault of every script is listed with file, line and column, and nothing is loaded', () => {
  const bad = [source('bad1', { script: 'Respondd(200);' }), source('bad2', { script: 'x = ;' })];
  expect(() => assemble(bad)).toThrow(/bad1\.am:1:\d+[\s\S]*bad2\.am:1:\d+/);
});

test('a Dispatch to a method that the handler lacks is refused with its place', () => {
  class Handler {
    onCall(): void {
      // never called here
    }
  }
  const good = source('good', { script: 'Dispatch("onCall");' }, { handler: new Handler(), plugin: 'p' });
  const bad = source('bad', { script: 'Dispatch("onCal");' }, { handler: new Handler(), plugin: 'p' });
  expect(assemble([good])).toEqual(['good']);
  expect(() => assemble([bad])).toThrow(/bad\.am:1:\d+.*onCal/);
});

test('a Dispatch of a plugin that has no handler is refused with its place', () => {
  const lost = source('lost', { script: 'Dispatch("onCall");' }, { plugin: 'p' });
  expect(() => assemble([lost])).toThrow(/lost\.am:1:\d+.*onCall[\s\S]*there is no handler at all/);
});

const TABLE = '<a:file name="acl" path="acl.csv" keyColumnName="user"><a:column name="user"/></a:file>';

test('scripts.tables puts a table of the operator in the place of the one that comes with a plugin', () => {
  const own = join(folder, 'own.csv');
  writeFileSync(own, 'alice\n');
  const sources = [source('filter', { elements: TABLE }, { plugin: 'filter' })];
  const options = { role: 'FrontEnd', order: [], compile: {}, warn: () => undefined } as const;
  // There is no acl.csv beside the manifest.
  expect(() => assembleChain(sources, options)).toThrow(/acl\.csv/);
  const [application] = assembleChain(sources, { ...options, tables: { 'filter/acl.csv': own } });
  application?.compiled.close();
  expect(() => assembleChain(sources, { ...options, tables: { 'filter/acl.csv': own, 'filter/alc.csv': own } })).toThrow(
    /names filter\/alc\.csv/,
  );
});
