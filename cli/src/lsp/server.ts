/** `parley script lsp`: the Language Server Protocol on standard input and output, for manifests (.am) and scripts. */
import { VERSION } from '@parley/core';
import { TextDocumentSyncKind, TextDocuments, createConnection } from 'vscode-languageserver/node';
import type { Connection, InitializeResult, TextDocumentPositionParams } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { completion } from './completion.ts';
import { diagnose } from './diagnostics.ts';
import { MsplDocument } from './document.ts';
import { hover } from './hover.ts';
import { quickFixes } from './quick-fixes.ts';
import { documentSymbols, ownNameAt, rename } from './references.ts';
import { signatureHelp } from './signature-help.ts';

/** A pause in typing after which the document is compiled, in milliseconds. */
const SETTLE_MS = 150;

const CAPABILITIES: InitializeResult = {
  serverInfo: { name: 'parley script lsp', version: VERSION },
  capabilities: {
    textDocumentSync: TextDocumentSyncKind.Incremental,
    hoverProvider: true,
    completionProvider: { triggerCharacters: ['.', '<', '/', ':', '"', ' ', ','] },
    signatureHelpProvider: { triggerCharacters: ['(', ','] },
    definitionProvider: true,
    referencesProvider: true,
    renameProvider: { prepareProvider: true },
    documentSymbolProvider: true,
    codeActionProvider: { codeActionKinds: ['quickfix'] },
  },
};

/** Serves one editor until it says exit or closes the stream; then the process ends. */
export function serveEditor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): void {
  const connection = createConnection(input, output);
  new LanguageServer(connection).listen();
}

class LanguageServer {
  private readonly documents = new TextDocuments(TextDocument);
  /** The last version of each open document that was read. */
  private readonly read = new Map<string, { readonly version: number; readonly document: MsplDocument }>();
  private readonly settling = new Map<string, NodeJS.Timeout>();

  constructor(private readonly connection: Connection) {
    connection.onInitialize(() => CAPABILITIES);
    this.documents.onDidSave(({ document }) => this.check(document.uri));
    this.documents.onDidChangeContent(({ document }) => this.checkSoon(document.uri));
    this.documents.onDidClose(({ document }) => this.forget(document.uri));
    connection.onHover((params) => this.at(params, hover));
    connection.onCompletion((params) => this.at(params, completion));
    connection.onSignatureHelp((params) => this.at(params, signatureHelp));
    connection.onDefinition((params) =>
      this.at(params, (document, offset) => {
        const definition = ownNameAt(document, offset)?.definition;
        return definition === undefined ? null : { uri: params.textDocument.uri, range: document.range(definition) };
      }),
    );
    connection.onReferences((params) =>
      this.at(params, (document, offset) => {
        const own = ownNameAt(document, offset);
        const wanted = own?.occurrences.filter((span) => params.context.includeDeclaration || span.start !== own.definition?.start) ?? [];
        return wanted.map((span) => ({ uri: params.textDocument.uri, range: document.range(span) }));
      }),
    );
    connection.onPrepareRename((params) =>
      this.at(params, (document, offset) => {
        const own = ownNameAt(document, offset);
        const place = own?.renamable === true ? own.occurrences.find(({ start, end }) => offset >= start && offset <= end) : undefined;
        return place === undefined ? null : document.range(place);
      }),
    );
    connection.onRenameRequest((params) =>
      this.at(params, (document, offset) => ({ changes: { [params.textDocument.uri]: rename(document, offset, params.newName) } })),
    );
    connection.onDocumentSymbol(({ textDocument }) => {
      const document = this.document(textDocument.uri);
      return document === undefined ? null : documentSymbols(document);
    });
    connection.onCodeAction(({ textDocument, context }) => {
      const source = this.documents.get(textDocument.uri);
      return source === undefined ? null : quickFixes(source, context.diagnostics);
    });
  }

  listen(): void {
    this.documents.listen(this.connection);
    this.connection.listen();
  }

  private document(uri: string): MsplDocument | undefined {
    const source = this.documents.get(uri);
    if (source === undefined) return undefined;
    const known = this.read.get(uri);
    if (known?.version === source.version) return known.document;
    const document = new MsplDocument(source);
    this.read.set(uri, { version: source.version, document });
    return document;
  }

  private at<T>({ textDocument, position }: TextDocumentPositionParams, answer: (document: MsplDocument, offset: number) => T): T | null {
    const document = this.document(textDocument.uri);
    return document === undefined ? null : answer(document, document.offset(position));
  }

  private checkSoon(uri: string): void {
    // What was just opened is not being typed.
    if (!this.read.has(uri)) return this.check(uri);
    clearTimeout(this.settling.get(uri));
    this.settling.set(
      uri,
      setTimeout(() => this.check(uri), SETTLE_MS),
    );
  }

  /** Compiles a document and tells the editor. A fault of the compiler itself costs this answer, never the server. */
  private check(uri: string): void {
    clearTimeout(this.settling.get(uri));
    this.settling.delete(uri);
    const source = this.documents.get(uri);
    const document = this.document(uri);
    if (source === undefined || document === undefined) return;
    try {
      void this.connection.sendDiagnostics({ uri, version: source.version, diagnostics: diagnose(source, document.bare) });
    } catch (error) {
      this.connection.console.error(
        `${uri} could not be checked: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }

  private forget(uri: string): void {
    clearTimeout(this.settling.get(uri));
    this.settling.delete(uri);
    this.read.delete(uri);
    void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }
}
