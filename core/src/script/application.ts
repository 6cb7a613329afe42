/** A manifest with its script, compiled and ready to run. Sheet mspl sections 3 and 5. */
import { dirname, resolve } from 'node:path';
import { ParleyError } from '../errors/index.ts';
import type { Clock } from '../clock/index.ts';
import { checkScript } from './checker.ts';
import type { CheckedScript } from './checker.ts';
import { buildScript, generateScript } from './compile-script.ts';
import type { CompiledScript, GeneratedScript } from './compile-script.ts';
import { DiagnosticList, ScriptReporter } from './diagnostic.ts';
import type { Diagnostic } from './diagnostic.ts';
import { ScriptRunErrors, ScriptTextErrors } from './errors.ts';
import { FILE_SYSTEM, FlatFile } from './flat-file.ts';
import type { FileChanges, FileSource } from './flat-file.ts';
import type { FlatFileDeclaration, Manifest } from './manifest.ts';
import { readManifest, SCRIPT_LIMIT } from './manifest-reader.ts';
import { parseScript } from './parser.ts';
import { NESTING_LIMIT } from './token-cursor.ts';
import type { RunOutcome, ScriptFault, ScriptRun, ScriptTrace } from './run.ts';
import { ScriptState } from './script-state.ts';
import type { FaultPlace, RunningScript } from './script-state.ts';
import { SourceText } from './source-text.ts';
import type { ScriptText, SourcePlace } from './source-text.ts';

/** How to compile; every part may be left out. */
export interface CompileOptions {
  /** Mend the three XML faults of published manifests, with a warning for each, instead of refusing them. */
  readonly lenient?: boolean;
  /** Functions give "" where they would give null; by itself for manifests of 2003 only. */
  readonly nullAsEmpty?: boolean;
  /** The methods of the plugin's handler: a Dispatch to another one is an error. Undefined: no handler is known. */
  readonly handlerMethods?: ReadonlySet<string>;
  /** Where flat files are read; the file system when absent. */
  readonly files?: FileSource;
  /** Lets a changed file settle before it is read; without one it is read at once. */
  readonly clock?: Clock;
  /** Told of a flat file that changed into something that cannot be used; the table before it stays. */
  readonly fileFailed?: (error: ParleyError, application: CompiledApplication) => void;
  /** Told of a flat file that changed into something that is used, and is seldom meant so. */
  readonly fileRemarked?: (remark: ParleyError, application: CompiledApplication) => void;
}

/** A Dispatch or DispatchNotification to a method that the script names. */
export interface DispatchTarget {
  readonly method: string;
  readonly place: SourcePlace;
  readonly notification: boolean;
}

/** An application that can run. */
export interface CompiledApplication {
  readonly appUri: string;
  readonly manifest: Manifest;
  /** As given to compileApplication. */
  readonly file: string;
  readonly dispatches: readonly DispatchTarget[];
  /** Why flat files, as they are now, are not used, and the tables read before them still are; empty while all are. */
  readonly tableFaults: readonly ParleyError[];
  /** Runs the script on one message. Never throws: what went wrong is in the outcome, and was told to the environment. */
  run(run: ScriptRun, trace?: ScriptTrace): RunOutcome;
  /** Stops watching flat files. The application can still run. */
  close(): void;
}

/** A compiled application, or everything that is wrong with it. */
export type CompileResult =
  | { readonly ok: true; readonly application: CompiledApplication; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Compiles a manifest: all of it or nothing (MSPL R58). Every error is reported with its place, and nothing is thrown.
 * @param text the manifest's text, Unicode
 * @param file its path: flat files are found beside it, and diagnostics name it
 */
export function compileApplication(text: string, file: string, options: CompileOptions = {}): CompileResult {
  const list = new DiagnosticList(new SourceText(file, text));
  const application = compile(list, options);
  if (application === undefined || list.failed) {
    application?.close();
    return { ok: false, diagnostics: list.list() };
  }
  return { ok: true, application, warnings: list.list() };
}

function compile(list: DiagnosticList, options: CompileOptions): Application | undefined {
  const read = readManifest(list, options.lenient ?? false);
  if (read === undefined || read.script.text.length > SCRIPT_LIMIT) return undefined;
  const { manifest, script } = read;
  const reporter = new ScriptReporter(list, script);
  const parsed = withinStack(reporter, () => readScript(script, manifest, options, reporter));
  const files = openFiles(manifest.files, list, options.files ?? FILE_SYSTEM);
  if (list.failed || parsed === undefined) return undefined;
  const application = withinStack(reporter, () => new Application(list.source, manifest, script, parsed, files));
  application?.follow(options);
  return application;
}

/** A script through parser, checker and generator. */
interface ReadScript {
  readonly checked: CheckedScript;
  readonly code: GeneratedScript;
  /** The same script as code that reports what it does. */
  generateTraced(): GeneratedScript;
}

function readScript(script: ScriptText, manifest: Manifest, options: CompileOptions, reporter: ScriptReporter): ReadScript {
  const { files, scriptOnly, edition } = manifest;
  const tree = parseScript(script.text, reporter);
  const checked = checkScript(tree, { files, scriptOnly, handlerMethods: options.handlerMethods }, reporter);
  const emptyForNull = options.nullAsEmpty ?? edition === '2003';
  const generate = (traced: boolean): GeneratedScript => generateScript(tree, checked, files, { emptyForNull, traced }, reporter);
  return { checked, code: generate(false), generateTraced: () => generate(true) };
}

/**
 * Functions that call each other in a very long line, each deep inside an expression, can still exhaust the stack: that is an
 * error of the script like any other.
 */
function withinStack<T>(reporter: ScriptReporter, compile: () => T): T | undefined {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    reporter.muted = false;
    reporter.error(ScriptTextErrors.MSPL_TOO_DEEP({ limit: NESTING_LIMIT }), { start: 0, end: 1 });
    return undefined;
  }
}

function openFiles(declarations: readonly FlatFileDeclaration[], list: DiagnosticList, source: FileSource): FlatFile[] {
  const files: FlatFile[] = [];
  for (const declaration of declarations) {
    const { start, path } = declaration;
    const absolute = resolve(dirname(list.source.file), path.replaceAll('\\', '/'));
    try {
      if (path === '' || declaration.columns.length === 0) continue;
      const file = new FlatFile(declaration, absolute, source);
      files.push(file);
      if (file.table.remark !== undefined) list.warning(file.table.remark, { start, end: start + 1 });
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      list.error(error, { start, end: start + 1 });
    }
  }
  return files;
}

/** One build of the script, plain or traced, with its own places. */
class Program implements RunningScript {
  private readonly compiled: CompiledScript;

  constructor(
    readonly application: CompiledApplication,
    private readonly source: SourceText,
    private readonly script: ScriptText,
    code: GeneratedScript,
    files: readonly FlatFile[],
  ) {
    this.compiled = buildScript(code, files);
  }

  run(run: ScriptRun, trace: ScriptTrace | undefined): RunOutcome {
    const state = new ScriptState(this, run, trace);
    let error: ScriptFault | undefined;
    try {
      this.compiled.run(state);
      if (state.forks !== null && state.forks.length > 0) {
        state.critical(state.forkSite, ScriptRunErrors.MSPL_FORK_ORDER({ problem: 'the fork set was never sent' }));
      }
    } catch (thrown) {
      error = state.ended(thrown);
    }
    return { handled: state.handled, criticalErrors: state.criticalErrors, error };
  }

  place(number: number): FaultPlace {
    const site = this.compiled.sites[number] ?? { start: 0, end: 0, name: '', owner: '' };
    const place = this.source.place(this.script.sourceOffset(site.start));
    const length = Math.max(1, Math.min(site.end - site.start, this.source.line(place.line).length - place.column + 1));
    return { ...place, length, name: site.name, owner: site.owner };
  }
}

class Application implements CompiledApplication {
  readonly appUri: string;
  readonly file: string;
  readonly dispatches: readonly DispatchTarget[];
  private readonly plain: Program;
  private traced: Program | undefined = undefined;

  constructor(
    private readonly source: SourceText,
    readonly manifest: Manifest,
    private readonly script: ScriptText,
    private readonly parsed: ReadScript,
    private readonly files: readonly FlatFile[],
  ) {
    this.appUri = manifest.appUri;
    this.file = source.file;
    this.plain = this.program(parsed.code);
    this.dispatches = parsed.checked.dispatches.map(({ method, notification, start }) => {
      return { method, notification, place: source.place(script.sourceOffset(start)) };
    });
  }

  get tableFaults(): readonly ParleyError[] {
    return this.files.flatMap(({ fault }) => fault ?? []);
  }

  follow({ clock, fileFailed, fileRemarked }: CompileOptions): void {
    const changes: FileChanges = {
      failed: (error) => fileFailed?.(error, this),
      remarked: (remark) => fileRemarked?.(remark, this),
    };
    for (const file of this.files) file.follow(clock, changes);
  }

  run(run: ScriptRun, trace?: ScriptTrace): RunOutcome {
    if (trace === undefined) return this.plain.run(run, undefined);
    this.traced ??= this.program(this.parsed.generateTraced());
    return this.traced.run(run, trace);
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  private program(code: GeneratedScript): Program {
    return new Program(this, this.source, this.script, code, this.files);
  }
}
