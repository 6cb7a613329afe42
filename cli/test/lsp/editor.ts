/** An editor for tests: starts the language server as a child process and speaks JSON-RPC with it, with the messages that editors send. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createMessageConnection } from 'vscode-languageserver/node';
import type {
  CodeAction,
  CompletionItem,
  Diagnostic,
  DocumentSymbol,
  Hover,
  Location,
  MessageConnection,
  Position,
  PublishDiagnosticsParams,
  Range,
  SignatureHelp,
  WorkspaceEdit,
} from 'vscode-languageserver/node';

/** A document whose text has a `|` where the cursor is. */
export interface Marked {
  readonly text: string;
  readonly position: Position;
}

/** Takes the `|` out of a text and says where it stood. */
export function cursor(marked: string): Marked {
  const at = marked.indexOf('|');
  const lines = marked.slice(0, at).split('\n');
  return { text: marked.slice(0, at) + marked.slice(at + 1), position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } };
}

/** The part of a text that a range covers; ranges of one line only. */
export function covered(text: string, { start, end }: Range): string {
  return start.line === end.line ? (text.split('\n')[start.line] ?? '').slice(start.character, end.character) : '(several lines)';
}

export class Editor {
  private opened = 0;
  private readonly published = new Map<string, PublishDiagnosticsParams>();
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    readonly connection: MessageConnection,
  ) {
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published.set(params.uri, params);
      for (const look of this.waiting) look();
    });
    connection.listen();
  }

  /** Starts the server and does what an editor does first. */
  static async start(): Promise<Editor> {
    const here = import.meta.dirname;
    const child = spawn(process.execPath, [join(here, '../../../tools/run-source.mjs'), join(here, 'serve.ts')]);
    child.stderr.pipe(process.stderr);
    const editor = new Editor(child, createMessageConnection(child.stdout, child.stdin));
    await editor.connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
    await editor.connection.sendNotification('initialized', {});
    return editor;
  }

  /** Opens a document; gives its URI. */
  async open(text: string, name = 'script.am', languageId = 'mspl-manifest'): Promise<string> {
    const uri = name.startsWith('file:') ? name : `file:///test/${++this.opened}/${name}`;
    await this.connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
    return uri;
  }

  /** Sends one change, of a range or of the whole document. */
  async change(uri: string, version: number, text: string, range?: Range): Promise<void> {
    const contentChanges = [range === undefined ? { text } : { range, text }];
    await this.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }

  async close(uri: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** What the server says of a version of a document, once it does. */
  async diagnostics(uri: string, version?: number): Promise<Diagnostic[]> {
    for (;;) {
      const said = this.published.get(uri);
      if (said !== undefined && (version === undefined || said.version === version)) return said.diagnostics;
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.waiting.delete(look);
          resolve();
        };
        this.waiting.add(look);
      });
    }
  }

  /** The text of what hovering at the `|` shows; undefined when nothing. */
  async hover(marked: string, name?: string): Promise<string | undefined> {
    const hover = await this.ask<Hover | null>('hover', marked, name);
    return (hover?.contents as { value: string } | undefined)?.value;
  }

  async completion(marked: string, name?: string): Promise<CompletionItem[]> {
    return this.ask('completion', marked, name);
  }

  async signatureHelp(marked: string): Promise<SignatureHelp | null> {
    return this.ask('signatureHelp', marked);
  }

  async definition(marked: string): Promise<Location | null> {
    return this.ask('definition', marked);
  }

  async references(marked: string): Promise<Location[]> {
    return this.ask('references', marked, undefined, { context: { includeDeclaration: true } });
  }

  async rename(marked: string, newName: string): Promise<WorkspaceEdit> {
    return this.ask('rename', marked, undefined, { newName });
  }

  async symbols(text: string): Promise<DocumentSymbol[]> {
    const uri = await this.open(text);
    return this.connection.sendRequest('textDocument/documentSymbol', { textDocument: { uri } });
  }

  /** The actions that the server offers for everything it found in the text. */
  async actions(text: string): Promise<CodeAction[]> {
    const uri = await this.open(text);
    const diagnostics = await this.diagnostics(uri);
    const range = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } };
    return this.connection.sendRequest('textDocument/codeAction', { textDocument: { uri }, range, context: { diagnostics } });
  }

  /** Says goodbye as editors do; gives the exit code. */
  async stop(): Promise<number | null> {
    const ended = once(this.child, 'exit') as Promise<[number | null]>;
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    const [code] = await ended;
    this.connection.dispose();
    return code;
  }

  /** Goes away without a word, as an editor that crashes; gives the exit code. */
  async vanish(): Promise<number | null> {
    const ended = once(this.child, 'exit') as Promise<[number | null]>;
    this.child.stdin.end();
    const [code] = await ended;
    this.connection.dispose();
    return code;
  }

  private async ask<T>(what: string, marked: string, name?: string, more: object = {}): Promise<T> {
    const { text, position } = cursor(marked);
    const uri = await this.open(text, name, name?.endsWith('.mspl') === true ? 'mspl' : 'mspl-manifest');
    return this.connection.sendRequest(`textDocument/${what}`, { textDocument: { uri }, position, ...more });
  }
}

/** A manifest around a script, as people write it. */
export function manifest(script: string, elements = ''): string {
  return `<?xml version="1.0"?>
<lc:applicationManifest lc:appUri="http://example.com/apps/Test" xmlns:lc="http://schemas.microsoft.com/lcs/2006/05">
  <lc:requestFilter methodNames="INVITE"/>${elements}
  <lc:splScript><![CDATA[
${script}
  ]]></lc:splScript>
</lc:applicationManifest>
`;
}
