/** `parley script`: the scripts of a server that runs, or on its store alone while it does not. */
import { hint } from '../script/index.ts';
import type { AdminCommand, CommandInput, CommandResult } from './command.ts';
import type { Host } from './host.ts';
import type { RoutingScripts } from './routing-scripts.ts';
import { methodsText } from './server-reports.ts';
import { SCRIPT_COMMANDS } from './script-command-list.ts';
import { find, stored, storedOrRemoved } from './script-names.ts';
import { showScript, stateOf } from './script-show.ts';
import { originText } from './script-source.ts';
import type { LoadedApplication, Place, ScriptSource } from './script-source.ts';
import { ServerErrors } from './sip-server-errors.ts';
import { checkBundle, readBundle } from './stored-script.ts';

type Run = (scripts: RoutingScripts, input: CommandInput) => CommandResult | Promise<CommandResult>;

const RUNS: Readonly<Record<string, Run>> = {
  'script list': (scripts) => list(scripts),
  'script show': (scripts, { arguments: { name = '' }, options }) => showScript(scripts, name, wholeNumber(options['at'], 'at')),
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
  const removed = scripts.stored.removed.map((one) => ({ ...one, removedAt: new Date(one.removedAt).toISOString() }));
  const kept = removed.map(({ name }) => name).join(', ');
  return {
    rows,
    ...(removed.length === 0 ? {} : { text: `Removed, and kept: ${kept}. Bring one back with: parley script rollback NAME` }),
    data: { revision: scripts.stored.revision, scripts: rows, removed },
  };
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

async function remove(scripts: RoutingScripts, { arguments: { name = '' }, options }: CommandInput): Promise<CommandResult> {
  const isPurge = options['purge'] === true;
  const target = isPurge ? storedOrRemoved(scripts, name) : stored(scripts, name).name;
  const { remarks } = await scripts.change((editor) => (isPurge ? editor.purge(target) : editor.remove(target, Date.now())), {
    cure: true,
  });
  const kept = isPurge ? [] : (await scripts.store.versions(target)).map(({ version }) => version);
  const sentence = isPurge
    ? `${target} is removed, with all its versions.`
    : `${target} is removed; its versions are kept (${kept.join(', ')}). Bring it back with: parley script rollback ${target}`;
  return { text: [...remarks, sentence].join('\n'), data: { name: target, kept, remarks } };
}

async function enable(scripts: RoutingScripts, { arguments: { name = '' } }: CommandInput, enabled: boolean): Promise<CommandResult> {
  const source = find(scripts, name);
  const { remarks } = await scripts.change((editor) => editor.enable(source.name, enabled), { cure: !enabled });
  const warned = enabled || source.without === undefined ? remarks : [...remarks, `Attention: without ${source.name} ${source.without}.`];
  return told(scripts, source.name, { remarks: warned }, `${source.name} is ${enabled ? 'enabled, with no error counted' : 'disabled'}`);
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
  const kept = scripts.stored.scripts.filter(({ tables }) => tables.length > 0).map(({ name }) => name);
  return {
    text: [...remarks, `Read again: ${now.length} applications${changes.join('')}.`, ...storedTablesText(kept)].join('\n'),
    data: { applications: now.length, new: added, gone, storedTables: kept, remarks },
  };
}

/** A reload does not look at the files that stored tables came from: who has changed one is told what would. */
function storedTablesText(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const [are, their] = names.length === 1 ? ['is', 'its'] : ['are', 'their'];
  return [`${names.join(', ')} ${are} in the store with ${their} tables: for a changed table run \`parley script add\`.`];
}

async function rollBack(scripts: RoutingScripts, { arguments: { name = '' }, options }: CommandInput): Promise<CommandResult> {
  const target = storedOrRemoved(scripts, name);
  const wanted = wholeNumber(options['to'], 'to');
  const { made: version, remarks } = await scripts.change((editor) => editor.rollBack(target, wanted), { alone: target });
  return told(scripts, target, { version, remarks }, `${target}: back to version ${version}`);
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

function refuseUnknownHandler(scripts: RoutingScripts, plugin: string): void {
  if (scripts.handlerOf(plugin) !== undefined) return;
  const having = scripts.sources.flatMap((source) => (source.handler === undefined || source.plugin === undefined ? [] : [source.plugin]));
  throw ServerErrors.HOST_SCRIPT_NO_PLUGIN({ plugin, known: [...new Set(having)].join(', ') || 'none', hint: hint(plugin, having) });
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
