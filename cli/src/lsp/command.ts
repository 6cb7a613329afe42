/** The command `parley script lsp`. */
import type { Command } from 'commander';
import { localCommand } from '../local-command.ts';

/** Adds it below `script`. The server is loaded when it is asked for: other commands do not wait for it. */
export function addLspCommand(script: Command): void {
  localCommand(script, 'lsp', 'Helps an editor with manifests and scripts: the Language Server Protocol on standard input and output', [
    'parley script lsp',
    'code --extensionDevelopmentPath=cli/vscode docs/scripts',
  ])
    .option('--stdio', 'the only transport; editors that name it may')
    .action(async () => {
      const { serveEditor } = await import('./server.ts');
      serveEditor(process.stdin, process.stdout);
    });
}
