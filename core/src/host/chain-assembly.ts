/** Compiles the routing scripts of plugins and operator and puts them in order. All of them or none. */
import { basename } from 'node:path';
import { FILE_SYSTEM, compileApplication, formatDiagnostic } from '../script/index.ts';
import type {
  CompileOptions,
  CompiledApplication,
  Diagnostic,
  DispatchTarget,
  FileSource,
  HandlerMethods,
  ServerRoleName,
} from '../script/index.ts';
import { inOrder } from './chain-order.ts';
import { originText } from './script-source.ts';
import type { ApplicationSettings, LoadedApplication, ScriptSource } from './script-source.ts';
import { ServerErrors } from './sip-server-errors.ts';

export interface AssemblyOptions {
  readonly role: ServerRoleName;
  /** Names in the order wanted; those not named come behind, by priority. */
  readonly order: readonly string[];
  /** What an operator has decided, by name of the application; one that is not enabled is left out, and not compiled. */
  readonly settings?: ReadonlyMap<string, ApplicationSettings>;
  /** Absolute paths of tables that take the place of those that come with plugins, by `plugin/table.csv`. */
  readonly tables?: Readonly<Record<string, string>>;
  /** The chain that is to be replaced: applications whose source is the same go on as they are. */
  readonly previous?: readonly LoadedApplication[];
  readonly compile: Omit<CompileOptions, 'handlerMethods' | 'files' | 'lenient'>;
  /** A script that can be used, with a remark. */
  warn(text: string): void;
}

interface Candidate {
  readonly source: ScriptSource;
  readonly compiled: CompiledApplication;
  readonly methods: HandlerMethods | undefined;
  /** The one in the chain that is to be replaced, when it goes on. */
  readonly kept: LoadedApplication | undefined;
}

/**
 * The chain. Nothing is left open when it throws: HOST_SCRIPTS_UNFIT with every fault of every script, HOST_SCRIPT_NAME_TAKEN,
 * HOST_SCRIPT_TWICE,
 * HOST_SCRIPT_ROLE, HOST_SCRIPT_ORDER, HOST_SCRIPT_TABLE, HOST_SCRIPT_BEFORE_USER_SERVICES (MSPL R2, R4, R5, R58).
 */
export function assembleChain(sources: readonly ScriptSource[], options: AssemblyOptions): LoadedApplication[] {
  const { settings = new Map<string, ApplicationSettings>(), previous = [] } = options;
  const enabled = sources.filter(({ name }) => settings.get(name)?.enabled !== false);
  const faults: string[] = [];
  const candidates = enabled.flatMap((source) => candidateFor(source, sources, previous, options, faults) ?? []);
  try {
    if (faults.length > 0) throw ServerErrors.HOST_SCRIPTS_UNFIT({ list: faults.join('\n') });
    refuseNameTwins(candidates);
    refuseTwins(candidates);
    const off = sources.filter((source) => !enabled.includes(source));
    refuseUnknownTables(candidates, off, options.tables ?? {});
    refuseOtherRoles(candidates, options.role);
    // What is switched off keeps its place in the list for when it is switched on again.
    const order = options.order.filter((wanted) => !off.some(({ name, path }) => name === wanted || basename(path) === wanted));
    const ordered = inOrder(candidates, { order, settings, warn: (text) => options.warn(text) });
    refuseBeforeUserServices(ordered);
    return ordered.map((candidate) => loaded(candidate, previous));
  } catch (error) {
    for (const { compiled, kept } of candidates) if (kept === undefined) compiled.close();
    throw error;
  }
}

/** Compiles one script by itself, as the chain would, and lets go of it. Throws HOST_SCRIPTS_UNFIT. */
export function checkSource(source: ScriptSource, sources: readonly ScriptSource[], options: AssemblyOptions): void {
  const faults: string[] = [];
  candidateFor(source, sources, [], options, faults)?.compiled.close();
  if (faults.length > 0) throw ServerErrors.HOST_SCRIPTS_UNFIT({ list: faults.join('\n') });
}

function candidateFor(
  source: ScriptSource,
  sources: readonly ScriptSource[],
  previous: readonly LoadedApplication[],
  options: AssemblyOptions,
  faults: string[],
): Candidate | undefined {
  const kept = previous.find((application) => application.name === source.name && application.source.revision === source.revision);
  if (kept !== undefined) return { source, compiled: kept.compiled, methods: kept.handler, kept };
  return compileSource(source, sources, options, faults);
}

function loaded({ source, compiled, methods, kept }: Candidate, previous: readonly LoadedApplication[]): LoadedApplication {
  if (kept !== undefined) return kept;
  // Read again and found the same: what it has done so far still counts. A mended script begins anew.
  const before = previous.find((application) => application.name === source.name && application.source.text === source.text);
  return {
    compiled,
    source,
    name: source.name,
    plugin: source.plugin,
    handler: methods,
    criticalErrors: before?.criticalErrors ?? 0,
    disabled: before?.disabled ?? false,
    available: source.available,
    busy: source.busy,
  };
}

function compileSource(
  source: ScriptSource,
  sources: readonly ScriptSource[],
  options: AssemblyOptions,
  faults: string[],
): Candidate | undefined {
  const { text, path, lenient = false } = source;
  const methods = methodsOf(source);
  const handler = methods === undefined ? {} : { handlerMethods: new Set(methods.keys()) };
  const files = source.files ?? filesOf(source.plugin, options.tables ?? {});
  const result = compileApplication(text, path, { ...options.compile, ...handler, files, lenient });
  const show = (diagnostic: Diagnostic): string => formatDiagnostic(diagnostic, text);
  if (!result.ok) {
    faults.push(...result.diagnostics.map(show));
    return undefined;
  }
  for (const warning of result.warnings) options.warn(show(warning));
  const compiled = result.application;
  const lost = methods === undefined && source.plugin === undefined ? compiled.dispatches : [];
  for (const remark of lost.map((target) => show(withoutHandler(target, sources)))) {
    // Scripts of the configuration have always been loaded so; what is stored now is held to the rule.
    if (source.origin === 'store') faults.push(remark);
    else options.warn(remark);
  }
  return { source, compiled, methods, kept: undefined };
}

/** What the script may dispatch to; undefined when nobody has said. A plugin without a handler has nothing that could be dispatched to. */
function methodsOf({ methods, handler, origin }: ScriptSource): HandlerMethods | undefined {
  if (methods !== undefined) return methods;
  if (handler !== undefined) return handlerMethods(handler);
  return origin === 'plugin' ? new Map() : undefined;
}

/** A Dispatch of an operator's script that nobody would take. */
function withoutHandler({ method, place, notification }: DispatchTarget, sources: readonly ScriptSource[]): Diagnostic {
  const having = sources.filter(
    ({ plugin, handler }) => plugin !== undefined && handler !== undefined && handlerMethods(handler).has(method),
  );
  const plugins = [...new Set(having.map(({ plugin }) => plugin))];
  const name = notification ? 'DispatchNotification' : 'Dispatch';
  const error = ServerErrors.HOST_SCRIPT_NO_HANDLER({
    name,
    method,
    advice: plugins.length === 0 ? 'no loaded plugin has such a method' : `${plugins.join(', ')} has it: --handler ${plugins[0]}`,
  });
  return { severity: 'error', code: error.code, message: error.message, fix: error.fix, length: method.length + 2, ...place };
}

/** Flat files of a plugin's script, or those that the operator gives in their place. */
function filesOf(plugin: string | undefined, tables: Readonly<Record<string, string>>): FileSource {
  if (plugin === undefined) return FILE_SYSTEM;
  const actual = (path: string): string => tables[`${plugin}/${basename(path)}`] ?? path;
  return { read: (path) => FILE_SYSTEM.read(actual(path)), watch: (path, changed) => FILE_SYSTEM.watch(actual(path), changed) };
}

function refuseUnknownTables(
  candidates: readonly Candidate[],
  off: readonly ScriptSource[],
  tables: Readonly<Record<string, string>>,
): void {
  const known = candidates.flatMap(({ source, compiled }) =>
    source.plugin === undefined ? [] : compiled.manifest.files.map(({ path }) => `${source.plugin}/${basename(path)}`),
  );
  for (const name of Object.keys(tables)) {
    if (off.some(({ plugin }) => plugin !== undefined && name.startsWith(`${plugin}/`))) continue;
    if (!known.includes(name)) throw ServerErrors.HOST_SCRIPT_TABLE({ name, known: known.join(', ') || 'none' });
  }
}

/** Every method of the handler's class, bound to the handler: what a script may dispatch to. */
export function handlerMethods(handler: object): HandlerMethods {
  const methods = new Map<string, (...args: never[]) => unknown>();
  for (
    let type = Object.getPrototypeOf(handler) as object | null;
    type !== null && type !== Object.prototype;
    type = Object.getPrototypeOf(type) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(type))) {
      if (typeof value !== 'function' || name === 'constructor' || methods.has(name)) continue;
      methods.set(name, (value as (...args: never[]) => unknown).bind(handler));
    }
  }
  return methods;
}

/** A stored script and one of the configuration that came later: which of them is meant by the name could not be said. */
function refuseNameTwins(candidates: readonly Candidate[]): void {
  for (const { source } of candidates.filter((candidate) => candidate.source.origin === 'store')) {
    const twin = candidates.find((other) => other.source !== source && other.source.name === source.name);
    if (twin !== undefined) throw ServerErrors.HOST_SCRIPT_NAME_TAKEN({ name: source.name, origin: originText(twin.source) });
  }
}

function refuseTwins(candidates: readonly Candidate[]): void {
  const byUri = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const { appUri } = candidate.compiled;
    const twin = byUri.get(appUri);
    if (twin !== undefined) throw ServerErrors.HOST_SCRIPT_TWICE({ first: twin.source.name, second: candidate.source.name, appUri });
    byUri.set(appUri, candidate);
  }
}

function refuseOtherRoles(candidates: readonly Candidate[], role: ServerRoleName): void {
  for (const { source, compiled } of candidates) {
    const { roles } = compiled.manifest;
    if (roles === 'ALL' || compiled.manifest.allowsRole(role)) continue;
    throw ServerErrors.HOST_SCRIPT_ROLE({ name: source.name, roles: [...roles].join(', '), role });
  }
}

function refuseBeforeUserServices(ordered: readonly Candidate[]): void {
  const last = ordered.findLastIndex(({ source }) => source.userServices);
  for (const { source, compiled } of ordered.slice(0, Math.max(0, last))) {
    if (source.userServices || source.origin === 'plugin' || compiled.manifest.allowRegistrationBeforeUserServices) continue;
    throw ServerErrors.HOST_SCRIPT_BEFORE_USER_SERVICES({ name: source.name, userServices: ordered[last]?.source.name ?? '' });
  }
}
