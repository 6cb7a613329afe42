// Starts `parley script lsp` for .am manifests and .mspl scripts.
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

const LANGUAGES = ['mspl-manifest', 'mspl'];
let client;

/** What starts the server: the setting, else the repository that this folder is part of, else `parley` on the path. */
function serverCommand() {
  const [command, ...args] = vscode.workspace.getConfiguration('mspl').get('server', []);
  if (command !== undefined) return { command, args };
  const repository = join(__dirname, '..', '..');
  const program = join(repository, 'cli', 'bin', 'parley.js');
  // The repository brings its own Node, which is newer than most editors'.
  const node = join(repository, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (existsSync(program) && existsSync(node)) return { command: node, args: [program, 'script', 'lsp'] };
  return { command: 'parley', args: ['script', 'lsp'] };
}

async function start() {
  const run = { ...serverCommand(), transport: TransportKind.stdio, options: { shell: process.platform === 'win32' } };
  client = new LanguageClient('mspl', 'MSPL', { run, debug: run }, { documentSelector: LANGUAGES.map((language) => ({ language })) });
  try {
    await client.start();
  } catch (error) {
    vscode.window.showErrorMessage(
      `The MSPL language server did not start (${run.command}): ${String(error)}. See the setting mspl.server.`,
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function activate(context) {
  const restart = async () => {
    await stop();
    await start();
  };
  context.subscriptions.push(vscode.commands.registerCommand('mspl.restart', restart));
  await start();
}

module.exports = { activate, deactivate: stop };
