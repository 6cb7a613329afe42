/** The language server on the streams of this process. */
import { serveEditor } from '../../src/lsp/server.ts';

export function main(): void {
  serveEditor(process.stdin, process.stdout);
}
