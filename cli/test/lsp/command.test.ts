import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { buildProgram } from '../../src/program.ts';
import { Output } from '../../src/output.ts';

test('parley script lsp needs no configuration, and its help says how editors use it', async () => {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const program = await buildProgram(['script', 'lsp', '--config', '/nowhere.json'], new Output(silent, silent));
  const lsp = program.commands.find((command) => command.name() === 'script')?.commands.find((command) => command.name() === 'lsp');
  let help = '';
  lsp?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  expect(help).toContain('Language Server Protocol');
  expect(help).toContain('--extensionDevelopmentPath=cli/vscode');
});
