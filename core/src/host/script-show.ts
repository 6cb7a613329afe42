/** What `parley script show` tells of one script, and in which state an application is. */
import type { CommandResult } from './command.ts';
import type { RoutingScripts } from './routing-scripts.ts';
import { find, named } from './script-names.ts';
import type { RemovedScript } from './script-reading.ts';
import { originText } from './script-source.ts';
import type { LoadedApplication, ScriptSource } from './script-source.ts';
import { ServerErrors } from './sip-server-errors.ts';
import type { ScriptBundle } from './stored-script.ts';

/** `stopped`: after its tenth critical error; `away`: its process is not connected; `unfit`: it does not fit into the chain. */
export function stateOf(source: ScriptSource, scripts: RoutingScripts, application: LoadedApplication | undefined): string {
  if (scripts.stored.settings.get(source.name)?.enabled === false) return 'disabled';
  if (application === undefined) return 'unfit';
  if (application.disabled) return 'stopped';
  return application.available?.() === false ? 'away' : 'enabled';
}

/** @param wanted a version; the one that runs when undefined. Throws HOST_SCRIPT_UNKNOWN, HOST_SCRIPT_NO_VERSION. */
export async function showScript(scripts: RoutingScripts, name: string, wanted: number | undefined): Promise<CommandResult> {
  const removed = named(scripts.sources, name) === undefined ? named(scripts.stored.removed, name) : undefined;
  if (removed !== undefined) return showRemoved(scripts, removed, wanted);
  const source = find(scripts, name);
  const stored = scripts.stored.scripts.find((script) => script.name === source.name);
  const application = scripts.applications.find((one) => one.name === source.name);
  const state = stateOf(source, scripts, application);
  const head = {
    name: source.name,
    from: source.origin,
    state,
    ...(source.origin === 'store' ? {} : { file: source.path }),
    ...(stored?.handler === undefined ? {} : { handler: stored.handler }),
  };
  const shown = wanted === undefined ? { text: source.text, tables: stored?.tables ?? [] } : await bundleOf(scripts, source.name, wanted);
  return result(scripts, head, shown, `${source.name} comes from ${originText(source)}; ${state}`);
}

/** One that is in no chain: the version that ran, where no other is asked for. */
async function showRemoved(
  scripts: RoutingScripts,
  { name, version, removedAt }: RemovedScript,
  wanted: number | undefined,
): Promise<CommandResult> {
  const time = new Date(removedAt).toISOString();
  const head = { name, from: 'store', state: 'removed', removedAt: time } as const;
  const back = `bring it back with: parley script rollback ${name}`;
  return result(scripts, head, await bundleOf(scripts, name, wanted ?? version), `${name} was removed on ${time}; ${back}`);
}

async function bundleOf({ store }: RoutingScripts, name: string, wanted: number): Promise<ScriptBundle> {
  const bundle = await store.bundle(name, wanted);
  if (bundle !== undefined) return bundle;
  const known = (await store.versions(name)).map(({ version }) => version).join(', ') || 'none';
  throw ServerErrors.HOST_SCRIPT_NO_VERSION({ name, wanted, known });
}

interface Head {
  readonly name: string;
  readonly from: ScriptSource['origin'];
  readonly state: string;
  readonly file?: string;
}

async function result({ store }: RoutingScripts, head: Head, { text, tables }: ScriptBundle, sentence: string): Promise<CommandResult> {
  const kept = head.from === 'store' ? await store.versions(head.name) : [];
  const versions = kept.map((version) => ({ ...version, storedAt: new Date(version.storedAt).toISOString() }));
  const list = versions.map(({ version, storedAt, current }) => `  ${version}  ${storedAt}${current ? '  runs' : ''}`);
  const lines = [
    sentence,
    ...(head.file === undefined ? [] : [`File: ${head.file}`]),
    ...(list.length === 0 ? [] : ['Versions:', ...list]),
    '',
    text.trimEnd(),
    ...tables.map((table) => `\n--- ${table.path}\n${table.text.trimEnd()}`),
  ];
  return { data: { ...head, versions, tables, text }, text: lines.join('\n') };
}
