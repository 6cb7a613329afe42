/** Compiles the routing scripts of plugins and operator and puts them in order. All of them or none. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { FILE_SYSTEM, compileApplication, formatDiagnostic } from '../script/index.ts';
import type {
  ChainedApplication,
  CompileOptions,
  CompiledApplication,
  Diagnostic,
  FileSource,
  HandlerMethods,
  ServerRoleName,
} from '../script/index.ts';
import { ServerErrors } from './sip-server-errors.ts';

/** A script that is to be in the chain. */
export interface ScriptSource {
  /** `registrar/routes.am`; an operator's script goes by its file name. */
  readonly name: string;
  readonly path: string;
  /** Undefined for the operator's own. */
  readonly plugin: string | undefined;
  readonly handler: object | undefined;
  /** Low numbers see a request first; undefined: by what the manifest says, see below. */
  readonly priority: number | undefined;
  /** The application that homes users: MSPL's UserServices. */
  readonly userServices: boolean;
}

export interface AssemblyOptions {
  readonly role: ServerRoleName;
  /** Names in the order wanted; those not named come behind, by priority. */
  readonly order: readonly string[];
  /** Absolute paths of tables that take the place of those that come with plugins, by `plugin/table.csv`. */
  readonly tables?: Readonly<Record<string, string>>;
  readonly compile: Omit<CompileOptions, 'handlerMethods' | 'files'>;
  /** A script that can be used, with a remark. */
  warn(text: string): void;
}

/** A plugin's script that names no priority. */
export const DEFAULT_PRIORITY = 500;
/** An operator's script runs before the plugins' when its manifest asks for that, else behind those that home users. */
const OPERATOR_FIRST = 100;
const OPERATOR = 350;

interface Candidate {
  readonly source: ScriptSource;
  readonly compiled: CompiledApplication;
  readonly methods: HandlerMethods | undefined;
}

/**
 * The chain. Throws HOST_SCRIPTS_UNFIT with every fault of every script, HOST_SCRIPT_UNREADABLE, HOST_SCRIPT_TWICE,
 * HOST_SCRIPT_ROLE, HOST_SCRIPT_ORDER, HOST_SCRIPT_TABLE, HOST_SCRIPT_BEFORE_USER_SERVICES (MSPL R2, R4, R5, R58).
 */
export function assembleChain(sources: readonly ScriptSource[], options: AssemblyOptions): ChainedApplication[] {
  const faults: string[] = [];
  const candidates = sources.flatMap((source) => compileSource(source, options, faults) ?? []);
  if (faults.length > 0) throw ServerErrors.HOST_SCRIPTS_UNFIT({ list: faults.join('\n') });
  refuseTwins(candidates);
  refuseUnknownTables(candidates, options.tables ?? {});
  refuseOtherRoles(candidates, options.role);
  const ordered = inOrder(candidates, options.order);
  refuseBeforeUserServices(ordered);
  return ordered.map(({ source, compiled, methods }) => ({
    compiled,
    name: source.name,
    plugin: source.plugin,
    handler: methods,
    criticalErrors: 0,
    disabled: false,
  }));
}

function compileSource(source: ScriptSource, options: AssemblyOptions, faults: string[]): Candidate | undefined {
  const text = readScript(source.path);
  const methods = source.handler === undefined ? undefined : handlerMethods(source.handler);
  const handler = methods === undefined ? {} : { handlerMethods: new Set(methods.keys()) };
  const files = filesOf(source.plugin, options.tables ?? {});
  const compiled = compileApplication(text, source.path, { ...options.compile, ...handler, files });
  const show = (diagnostic: Diagnostic): string => formatDiagnostic(diagnostic, text);
  if (!compiled.ok) {
    faults.push(...compiled.diagnostics.map(show));
    return undefined;
  }
  for (const warning of compiled.warnings) options.warn(show(warning));
  return { source, compiled: compiled.application, methods };
}

/** Flat files of a plugin's script, or those that the operator gives in their place. */
function filesOf(plugin: string | undefined, tables: Readonly<Record<string, string>>): FileSource {
  if (plugin === undefined) return FILE_SYSTEM;
  const actual = (path: string): string => tables[`${plugin}/${basename(path)}`] ?? path;
  return { read: (path) => FILE_SYSTEM.read(actual(path)), watch: (path, changed) => FILE_SYSTEM.watch(actual(path), changed) };
}

function refuseUnknownTables(candidates: readonly Candidate[], tables: Readonly<Record<string, string>>): void {
  const known = candidates.flatMap(({ source, compiled }) =>
    source.plugin === undefined ? [] : compiled.manifest.files.map(({ path }) => `${source.plugin}/${basename(path)}`),
  );
  for (const name of Object.keys(tables)) {
    if (!known.includes(name)) throw ServerErrors.HOST_SCRIPT_TABLE({ name, known: known.join(', ') || 'none' });
  }
}

function readScript(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw ServerErrors.HOST_SCRIPT_UNREADABLE({ file: path, reason: error instanceof Error ? error.message : String(error) });
  }
}

/** Every method of the handler's class, bound to the handler: what a script may dispatch to. */
function handlerMethods(handler: object): HandlerMethods {
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

function inOrder(candidates: readonly Candidate[], order: readonly string[]): Candidate[] {
  const named = order.map((name) => {
    const found = candidates.find(({ source }) => source.name === name || basename(source.path) === name);
    if (found !== undefined) return found;
    throw ServerErrors.HOST_SCRIPT_ORDER({ name, known: candidates.map(({ source }) => source.name).join(', ') });
  });
  const others = candidates.filter((candidate) => !named.includes(candidate));
  return [...named, ...others.sort((a, b) => priorityOf(a) - priorityOf(b))];
}

function priorityOf({ source, compiled }: Candidate): number {
  if (source.priority !== undefined) return source.priority;
  if (source.plugin !== undefined) return DEFAULT_PRIORITY;
  return compiled.manifest.allowRegistrationBeforeUserServices ? OPERATOR_FIRST : OPERATOR;
}

function refuseBeforeUserServices(ordered: readonly Candidate[]): void {
  const last = ordered.findLastIndex(({ source }) => source.userServices);
  for (const { source, compiled } of ordered.slice(0, Math.max(0, last))) {
    if (source.userServices || source.plugin !== undefined || compiled.manifest.allowRegistrationBeforeUserServices) continue;
    throw ServerErrors.HOST_SCRIPT_BEFORE_USER_SERVICES({ name: source.name, userServices: ordered[last]?.source.name ?? '' });
  }
}
