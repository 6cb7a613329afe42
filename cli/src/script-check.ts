/** `parley script check`: compiles routing scripts and shows every fault with its place. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileApplication, formatDiagnostic, installedHandlers, owningHandler, pluginHandler, reasonOf } from '@parley/core';
import type { CompileResult, Diagnostic, HandlerOfPlugin } from '@parley/core';
import { CliErrors } from './errors.ts';

/** How to check. */
export interface CheckSettings {
  /** Mend the known faults of published manifests. */
  readonly lenient?: boolean;
  /** The plugin whose handler takes what operators' scripts dispatch. */
  readonly handler?: string;
}

/** What was found in one file. */
export interface ScriptReport {
  readonly file: string;
  readonly ok: boolean;
  readonly appUri: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The same for people: message, line, caret. */
  readonly text: readonly string[];
}

/** What was found in several. */
export interface CheckResult {
  readonly ok: boolean;
  readonly reports: readonly ScriptReport[];
  /** Sentences about files that cannot be in one server together. */
  readonly twins: readonly string[];
}

const UNKNOWN_METHOD = /^the handler has no method (\S+)$/;

/** Compiles the scripts without loading them anywhere. Throws CONFIG_PLUGIN_NOT_FOUND for a handler that is not installed. */
export async function checkScripts(files: readonly string[], settings: CheckSettings): Promise<CheckResult> {
  const named = settings.handler === undefined ? undefined : await namedHandler(settings.handler);
  const reports: ScriptReport[] = [];
  for (const file of files) reports.push(await checkScript(file, settings.lenient === true, named));
  const twins = sameUri(reports);
  return { ok: twins.length === 0 && reports.every(({ ok }) => ok), reports, twins };
}

async function namedHandler(plugin: string): Promise<HandlerOfPlugin> {
  const handler = await pluginHandler(plugin, process.cwd());
  if (handler === undefined) throw CliErrors.CLI_NO_HANDLER({ plugin });
  return handler;
}

async function checkScript(file: string, lenient: boolean, named: HandlerOfPlugin | undefined): Promise<ScriptReport> {
  const path = resolve(file);
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    return unreadable(file, reasonOf(error));
  }
  // A script in the package of a plugin belongs to its handler.
  const handler = named ?? (await owningHandler(path));
  const options = { lenient, ...(handler === undefined ? {} : { handlerMethods: handler.methods }) };
  const compiled = compileApplication(source, path, options);
  if (compiled.ok) compiled.application.close();
  const found = compiled.ok ? [...compiled.warnings, ...withoutHandler(compiled, handler)] : compiled.diagnostics;
  const diagnostics = await withProviders(found.map(mended));
  const text = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, source));
  return { file, ok: compiled.ok, appUri: compiled.ok ? compiled.application.appUri : undefined, diagnostics, text };
}

function unreadable(file: string, reason: string): ScriptReport {
  const { code, message, fix } = CliErrors.CLI_UNREADABLE({ file, reason });
  const diagnostic: Diagnostic = { severity: 'error', code, message, fix, file, line: 1, column: 1 };
  return { file, ok: false, appUri: undefined, diagnostics: [diagnostic], text: [`${message} [${code}]`, `  = ${fix}`] };
}

/** What the lenient reading has put right says so. */
function mended(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.severity === 'error' || !isXmlFault(diagnostic)) return diagnostic;
  return { ...diagnostic, message: `${diagnostic.message} (mended)` };
}

/** One of the three faults that published manifests have. Sheet mspl 3.1. */
export function isXmlFault({ code }: Diagnostic): boolean {
  return code.startsWith('MSPL_XML_') && code !== 'MSPL_XML_FORBIDDEN';
}

/** Remarks on what an operator's script dispatches: it is right only in a server that gives the script a handler. */
function withoutHandler(compiled: CompileResult & { readonly ok: true }, handler: HandlerOfPlugin | undefined): Diagnostic[] {
  if (handler !== undefined) return [];
  return compiled.application.dispatches.map(({ method, place, notification }): Diagnostic => {
    const name = notification ? 'DispatchNotification' : 'Dispatch';
    const { code, message, fix } = CliErrors.CLI_SCRIPT_HANDLER({ name, method });
    return { severity: 'warning', code, message, fix, length: method.length + 2, ...place };
  });
}

/** Adds to each Dispatch that nobody takes which installed plugins would. */
async function withProviders(found: readonly Diagnostic[]): Promise<readonly Diagnostic[]> {
  const methodOf = ({ code, message }: Diagnostic): string | undefined =>
    code === 'CLI_SCRIPT_HANDLER' ? /to (\S+):/.exec(message)?.[1] : UNKNOWN_METHOD.exec(message)?.[1];
  if (found.every((diagnostic) => methodOf(diagnostic) === undefined)) return found;
  const handlers = await installedHandlers(process.cwd());
  return found.map((diagnostic) => {
    const method = methodOf(diagnostic);
    if (method === undefined) return diagnostic;
    const having = handlers.filter(({ methods }) => methods.has(method)).map(({ plugin }) => plugin);
    const who =
      having.length === 0 ? `No installed plugin has a method ${method}.` : `${method} is a method of the plugin ${having.join(', ')}.`;
    return { ...diagnostic, fix: `${diagnostic.fix ?? ''} ${who}`.trim() };
  });
}

/** MSPL R2. */
function sameUri(reports: readonly ScriptReport[]): string[] {
  const byUri = Map.groupBy(
    reports.filter(({ appUri }) => appUri !== undefined),
    ({ appUri }) => appUri,
  );
  return [...byUri].flatMap(([appUri, having]) =>
    having.length < 2
      ? []
      : [`${having.map(({ file }) => file).join(' and ')} have the same appUri, ${appUri}: a server takes one of them.`],
  );
}
