/** `parley script`: the scripts of a server that runs, or on its store alone while it does not. */
import type { AdminCommand, CommandInput, CommandResult } from './command.ts';
import type { Host } from './host.ts';
import { nearest } from './nearest.ts';
import type { RoutingScripts } from './routing-scripts.ts';
import { methodsText } from './server-reports.ts';
import { SCRIPT_COMMANDS } from './script-command-list.ts';
import { originText } from './script-source.ts';
import type { LoadedApplication, Place, ScriptSource } from './script-source.ts';
import { ServerErrors } from './sip-server-errors.ts';
import { checkBundle, readBundle } from './stored-script.ts';

type Run = (scripts: RoutingScripts, input: CommandInput) => CommandResult | Promise<CommandResult>;

const RUNS: Readonly<Record<string, Run>> = {
  'script list': (scripts) => list(scripts),
  'script show': show,
  'script add': add,
  'script remove': remove,
  'script enable': (scripts, input) => enable(scripts, input, true),
  'script disable': (scripts, input) => enable(scripts, input, false),
  'script order': order,
  'script reload': reload,
  'script rollback': rollBack,
};

/** The same, at work on a host. */
export function scriptCommands(host: Host): readonly AdminCommand[] {
  return SCRIPT_COMMANDS.map((command) => ({
    ...command,
    run: async (input) => {
      const { scripts } = host;
      if (scripts === undefined) throw ServerErrors.HOST_NO_SCRIPTS();
      if (host.core.server.mode === 'offline') await scripts.startOffline();
      return (RUNS[command.path] as Run)(scripts, input);
    },
  }));
}

function list(scripts: RoutingScripts): CommandResult {
  const running = scripts.applications.map((application, index) => ({
    order: index + 1,
    ...row(application.source, scripts, application),
  }));
  const others = scripts.sources.filter((source) => !scripts.applications.some(({ name }) => name === source.name));
  const rows = [...running, ...others.map((source) => row(source, scripts, undefined))];
  return { rows, data: { revision: scripts.stored.revision, scripts: rows } };
}

function row(source: ScriptSource, scripts: RoutingScripts, application: LoadedApplication | undefined): object {
  const { name, origin } = source;
  const stored = scripts.stored.scripts.find((script) => script.name === name);
  return {
    name,
    from: origin,
    ...(stored === undefined ? {} : { version: stored.version }),
    ...(application === undefined ? {} : { requests: methodsText(application.compiled.manifest), appUri: application.compiled.appUri }),
    state: stateOf(source, scripts, application),
    errors: application?.criticalErrors ?? 0,
  };
}

/** `stopped`: after its tenth critical error; `away`: its process is not connected; `unfit`: it does not fit into the chain. */
export function stateOf(source: ScriptSource, scripts: RoutingScripts, application: LoadedApplication | undefined): string {
  if (scripts.stored.settings.get(source.name)?.enabled === false) return 'disabled';
  if (application === undefined) return 'unfit';
  if (application.disabled) return 'stopped';
  return application.available?.() === false ? 'away' : 'enabled';
}

async function show(scripts: RoutingScripts, { arguments: { name = '' }, options }: CommandInput): Promise<CommandResult> {
  const source = find(scripts, name);
  const versions = await scripts.store.versions(source.name);
  const wanted = wholeNumber(options['at'], 'at');
  const bundle = wanted === undefined ? undefined : await scripts.store.bundle(source.name, wanted);
  if (wanted !== undefined && bundle === undefined) {
    const known = versions.map(({ version }) => version).join(', ') || 'none';
    throw ServerErrors.HOST_SCRIPT_NO_VERSION({ name: source.name, wanted, known });
  }
  const stored = scripts.stored.scripts.find((script) => script.name === source.name);
  const { text } = bundle ?? source;
  const tables = (bundle ?? stored)?.tables ?? [];
  const application = scripts.applications.find((one) => one.name === source.name);
  const data = {
    name: source.name,
    from: source.origin,
    state: stateOf(source, scripts, application),
    ...(source.origin === 'store' ? {} : { file: source.path }),
    ...(stored?.handler === undefined ? {} : { handler: stored.handler }),
    versions: versions.map((version) => ({ ...version, storedAt: new Date(version.storedAt).toISOString() })),
    tables,
    text,
  };
  const kept = data.versions.map(({ version, storedAt, current }) => `  ${version}  ${storedAt}${current ? '  runs' : ''}`);
  const head = [
    `${source.name} comes from ${originText(source)}; ${data.state}`,
    ...(data.file === undefined ? [] : [`File: ${data.file}`]),
    ...(kept.length === 0 ? [] : ['Versions:', ...kept]),
  ];
  const files = tables.map((table) => `\n--- ${table.path}\n${table.text.trimEnd()}`);
  return { data, text: [...head, '', text.trimEnd(), ...files].join('\n') };
}

async function add(scripts: RoutingScripts, { arguments: { file = '' }, options }: CommandInput): Promise<CommandResult> {
  const bundle = readBundle(file);
  const name = text(options['name']) ?? bundle.file;
  checkBundle(name, bundle);
  const twin = scripts.sources.find((source) => source.name === name && source.origin !== 'store');
  if (twin !== undefined) throw ServerErrors.HOST_SCRIPT_NAME_TAKEN({ name, origin: originText(twin) });
  const before = scripts.stored.scripts.find((script) => script.name === name);
  const handler = text(options['handler']) ?? before?.handler;
  if (handler !== undefined) refuseUnknownHandler(scripts, handler);
  const place = placeOf(scripts, name, options);
  const disabled = options['disabled'] === true;
  const lenient = options['lenient'] === true || before?.lenient === true;
  const isSame =
    before?.text === bundle.text && JSON.stringify(before.tables) === JSON.stringify(bundle.tables) && before.handler === handler;
  const { made: version, remarks } = await scripts.change(
    async (editor) => {
      if (place !== undefined) await editor.place(name, place);
      if (disabled) await editor.enable(name, false);
      return isSame ? before.version : editor.put({ ...bundle, name, handler, lenient, now: Date.now() });
    },
    { alone: name },
  );
  const stored = isSame ? 'is stored already' : 'is stored';
  return told(scripts, name, { version, remarks }, `${name}: version ${version} ${stored}`);
}

async function remove(scripts: RoutingScripts, { arguments: { name = '' } }: CommandInput): Promise<CommandResult> {
  const source = stored(scripts, name);
  await scripts.change((editor) => editor.remove(source.name), { cure: true });
  return { text: `${source.name} is removed, with all its versions.`, data: { name: source.name } };
}

async function enable(scripts: RoutingScripts, { arguments: { name = '' } }: CommandInput, enabled: boolean): Promise<CommandResult> {
  const source = find(scripts, name);
  const { remarks } = await scripts.change((editor) => editor.enable(source.name, enabled), { cure: !enabled });
  return told(scripts, source.name, { remarks }, `${source.name} is ${enabled ? 'enabled, with no error counted' : 'disabled'}`);
}

async function order(scripts: RoutingScripts, { arguments: { name = '' }, options }: CommandInput): Promise<CommandResult> {
  const source = find(scripts, name);
  const place = placeOf(scripts, source.name, options);
  const isReset = options['reset'] === true;
  if (place === undefined && !isReset) throw ServerErrors.HOST_SCRIPT_PLACE({ problem: `No place was given for ${source.name}` });
  if (place !== undefined && isReset) throw ServerErrors.HOST_SCRIPT_PLACE({ problem: 'A place and --reset were given' });
  const { remarks } = await scripts.change((editor) =>
    place === undefined ? editor.unplace(source.name) : editor.place(source.name, place),
  );
  return told(scripts, source.name, { remarks }, `${source.name} is moved`);
}

async function reload(scripts: RoutingScripts): Promise<CommandResult> {
  const before = scripts.applications.map(({ name }) => name);
  const remarks = await scripts.reload();
  const now = scripts.applications.map(({ name }) => name);
  const added = now.filter((name) => !before.includes(name));
  const gone = before.filter((name) => !now.includes(name));
  const changes = [
    ...(added.length === 0 ? [] : [`; new: ${added.join(', ')}`]),
    ...(gone.length === 0 ? [] : [`; gone: ${gone.join(', ')}`]),
  ];
  return {
    text: [...remarks, `Read again: ${now.length} applications${changes.join('')}.`].join('\n'),
    data: { applications: now.length, new: added, gone, remarks },
  };
}

async function rollBack(scripts: RoutingScripts, { arguments: { name = '' }, options }: CommandInput): Promise<CommandResult> {
  const source = stored(scripts, name);
  const wanted = wholeNumber(options['to'], 'to');
  const { made: version, remarks } = await scripts.change((editor) => editor.rollBack(source.name, wanted), { alone: source.name });
  return told(scripts, source.name, { version, remarks }, `${source.name}: back to version ${version}`);
}

/** What was done, what was remarked, and where the application stands now. */
function told(
  scripts: RoutingScripts,
  name: string,
  { version, remarks }: { readonly version?: number; readonly remarks: readonly string[] },
  sentence: string,
): CommandResult {
  const index = scripts.applications.findIndex((application) => application.name === name);
  const count = scripts.applications.length;
  const where = index < 0 ? 'it is not in the chain' : `${index + 1} of ${count} in the chain`;
  const data = { name, ...(version === undefined ? {} : { version }), order: index < 0 ? null : index + 1, applications: count, remarks };
  return { data, text: [...remarks, `${sentence}; ${where}.`].join('\n') };
}

/** By its name, with or without `.am`. Throws HOST_SCRIPT_UNKNOWN. */
function find(scripts: RoutingScripts, name: string): ScriptSource {
  const { sources } = scripts;
  const found = sources.find((source) => source.name === name) ?? sources.find((source) => source.name === `${name}.am`);
  if (found !== undefined) return found;
  const names = sources.map((source) => source.name);
  const meant = nearest(name, names);
  throw ServerErrors.HOST_SCRIPT_UNKNOWN({
    name,
    known: `${names.join(', ') || 'none'}${meant === undefined ? '' : `; did you mean ${meant}`}`,
  });
}

/** The same, in the store. Throws HOST_SCRIPT_NOT_STORED too. */
function stored(scripts: RoutingScripts, name: string): ScriptSource {
  const source = scripts.sources.find((one) => one.origin === 'store' && one.name === name) ?? find(scripts, name);
  if (source.origin === 'store') return source;
  const out = source.origin === 'config' ? ', or take it out of scripts.extra and run `parley script reload`' : '';
  const advice = `Switch it off with \`parley script disable ${source.name}\`${out}.`;
  throw ServerErrors.HOST_SCRIPT_NOT_STORED({ name: source.name, origin: originText(source), advice });
}

function refuseUnknownHandler(scripts: RoutingScripts, plugin: string): void {
  if (scripts.handlerOf(plugin) !== undefined) return;
  const having = scripts.sources.flatMap((source) => (source.handler === undefined || source.plugin === undefined ? [] : [source.plugin]));
  throw ServerErrors.HOST_SCRIPT_NO_PLUGIN({ plugin, known: [...new Set(having)].join(', ') || 'none' });
}

/** The place that the options name; undefined when none of them is there. Throws HOST_SCRIPT_PLACE, HOST_SCRIPT_UNKNOWN. */
function placeOf(scripts: RoutingScripts, name: string, options: CommandInput['options']): Place | undefined {
  const given = (['before', 'after', 'priority'] as const).filter((key) => options[key] !== undefined);
  const [kind] = given;
  if (kind === undefined) return undefined;
  if (given.length > 1) throw ServerErrors.HOST_SCRIPT_PLACE({ problem: `Both --${given[0]} and --${given[1]} were given` });
  const value = String(options[kind]);
  if (kind === 'priority') {
    const priority = Number(value);
    if (!/^\d{1,5}$/.test(value) || priority > 10_000) throw ServerErrors.HOST_SCRIPT_PLACE({ problem: `"${value}" is no priority` });
    return { kind, priority };
  }
  const anchor = find(scripts, value).name;
  if (anchor === name) throw ServerErrors.HOST_SCRIPT_PLACE({ problem: `${name} cannot stand ${kind} itself` });
  return { kind, anchor };
}

function text(option: string | boolean | undefined): string | undefined {
  return typeof option === 'string' ? option : undefined;
}

function wholeNumber(option: string | boolean | undefined, flag: string): number | undefined {
  if (option === undefined) return undefined;
  if (typeof option === 'string' && /^[1-9]\d{0,8}$/.test(option)) return Number(option);
  throw ServerErrors.HOST_SCRIPT_NUMBER({ flag, found: String(option) });
}
