/** Makes docs/plugins/<name>.md from the definition of each plugin, so that a page says what the plugin says of itself. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FILE_SYSTEM, compileApplication } from '@parley/core';
import type { AdminCommand, CommandOption, Manifest, PluginSpec, ScriptEntry, Token } from '@parley/core';
import { DeclarationReader } from './declarations.ts';
import { exportSection } from './export-section.ts';
import { cell, code, markdownTable } from './markdown-table.ts';
import type { MetricDoc } from './plugin-metrics.ts';
import { optionsTable } from './schema-table.ts';

/** Where a script stands that names no place of its own. */
const DEFAULT_PRIORITY = 500;
const WORD = /-([a-z])/g;

/** One page of docs/plugins: its file name, and its text. */
export interface PluginPage {
  readonly file: string;
  readonly text: string;
}

/** Metrics by the name of their plugin. */
type Metrics = ReadonlyMap<string, readonly MetricDoc[]>;

/** A page for each plugin, which are built, and README.md with all of them. @param metrics what `pluginMetrics` gives */
export function pluginPages(plugins: readonly PluginSpec[], metrics: Metrics): PluginPage[] {
  const providers = new Map(plugins.flatMap((plugin) => provided(plugin).map((token) => [token.name, plugin.name] as const)));
  const users = (token: Token<unknown>): string[] =>
    plugins.filter(({ requires = [], optional = [] }) => [...requires, ...optional].some(({ name }) => name === token.name)).map(named);
  return [
    { file: 'README.md', text: listOfPlugins(plugins, metrics.get('core') ?? []) },
    ...plugins.map((plugin) => ({ file: `${plugin.name}.md`, text: pluginPage(plugin, providers, users, metrics.get(plugin.name) ?? []) })),
  ];
}

function listOfPlugins(plugins: readonly PluginSpec[], ofServer: readonly MetricDoc[]): string {
  const rows = plugins.map(({ name, summary }) => [`[${name}](${name}.md)`, cell(summary)]);
  return `# Plugins

Everything that a server does, a plugin does. Each loads alone with what it requires, beside any other. [Compose a server](../compose-a-server.md) says how to choose;
[writing a plugin](../writing-a-plugin.md) how to make one.

${markdownTable(['Plugin', 'What it does'], rows)}
## Metrics of the server itself

Those of a plugin are on its page. The plugin [metrics](metrics.md) serves all of them to Prometheus.

${metricsTable(ofServer)}`;
}

function pluginPage(
  plugin: PluginSpec,
  providers: ReadonlyMap<string, string>,
  users: (token: Token<unknown>) => string[],
  metrics: readonly MetricDoc[],
): string {
  const figures = metrics.length === 0 ? '' : `## Metrics\n\n${metricsTable(metrics)}`;
  const sections = [
    tokens(plugin, providers, users),
    scripts(plugin),
    commands(plugin.commands ?? []),
    figures,
    stored(plugin),
    api(plugin),
  ];
  return `# ${plugin.name}

${plugin.summary}. What it does in detail, which specification it follows and where its limits are: [its README](${folderOf(plugin)}/README.md).

\`\`\`ts
import ${plugin.name.replaceAll(WORD, (_, letter: string) => letter.toUpperCase())} from '@parley/plugin-${plugin.name}';
\`\`\`

## Options

${optionsTable(plugin.config) || 'It has none.\n'}
${sections.filter((section) => section !== '').join('\n')}`;
}

function tokens(plugin: PluginSpec, providers: ReadonlyMap<string, string>, users: (token: Token<unknown>) => string[]): string {
  const from = ({ name }: Token<unknown>): string => {
    const provider = providers.get(name);
    return provider === undefined ? 'no plugin here' : `[${provider}](${provider}.md)`;
  };
  const rows = [
    ...(plugin.requires ?? []).map((token) => ['requires', code(token.name), from(token)]),
    ...(plugin.optional ?? []).map((token) => ['uses when it is there', code(token.name), from(token)]),
    ...provided(plugin).map((token) => ['provides', code(token.name), users(token).join(', ')]),
  ];
  if (rows.length === 0) return '## Tokens\n\nIt needs no other plugin, and offers nothing to others.\n';
  return `## Tokens\n\nWhat it takes from other plugins, and what it offers to them.\n\n${markdownTable(['', 'Token', 'From, or for'], rows)}`;
}

function scripts(plugin: PluginSpec): string {
  const rows = (plugin.scripts ?? []).map((script) => scriptRow(plugin, typeof script === 'string' ? { file: script } : script));
  if (rows.length === 0) return '';
  const titles = ['Script', 'Place', 'Requests', 'Responses', 'Left alone', 'Dispatches to'];
  return `## Scripts

They stand in the chain of applications by their place: low numbers see a request first. \`parley routes\` prints the chain of a server, and \`scripts.order\` of the configuration changes it.

${markdownTable(titles, rows)}`;
}

function scriptRow(plugin: PluginSpec, { file, priority = DEFAULT_PRIORITY, userServices = false }: ScriptEntry): string[] {
  const path = fileURLToPath(new URL(file, plugin.root));
  const files = { read: (name: string) => FILE_SYSTEM.read(name), watch: () => () => undefined };
  const compiled = compileApplication(readFileSync(path, 'utf8'), path, { files });
  if (!compiled.ok) throw new Error(`${path} does not compile`);
  const { manifest, dispatches } = compiled.application;
  compiled.application.close();
  const methods = [...new Set(dispatches.map(({ method }) => code(method)))].join(', ');
  return [
    `[${file}](${folderOf(plugin)}/${file})`,
    `${priority}${userServices ? ', homes users' : ''}`,
    requestsOf(manifest),
    typeof manifest.reasonCodes === 'string'
      ? manifest.reasonCodes.toLowerCase()
      : [...manifest.reasonCodes].map((n) => `${n}xx`).join(', '),
    manifest.proxyByDefault ? 'goes on' : 'stops here',
    methods,
  ];
}

function requestsOf(manifest: Manifest): string {
  const methods = typeof manifest.methods === 'string' ? manifest.methods.toLowerCase() : [...manifest.methods].join(', ');
  const limits = [
    manifest.strictRoute ? 'also in dialogs' : '',
    manifest.registrarGenerated ? "also the server's own" : '',
    manifest.domainSupported === undefined ? '' : manifest.domainSupported ? 'for domains served here' : 'for other domains',
    manifest.phoneUri === undefined ? '' : manifest.phoneUri ? 'for phone numbers' : 'for other addresses than phone numbers',
  ];
  return [methods, ...limits.filter((limit) => limit !== '')].join('; ');
}

function commands(list: readonly AdminCommand[]): string {
  if (list.length === 0) return '';
  const sections = list.map(
    (command) => `### parley ${command.path}

${command.summary}.${command.offline === true ? ' Works without a running server, too.' : ''}

${markdownTable(['Argument', 'Meaning'], parameters(command))}
\`\`\`sh
${command.examples.join('\n')}
\`\`\`
`,
  );
  return `## Commands\n\n${sections.join('\n')}`;
}

function parameters({ arguments: args = [], options = [] }: AdminCommand): string[][] {
  return [
    ...args.map(({ name, summary, optional }) => [code(optional === true ? `[${name}]` : `<${name}>`), cell(sentence(summary))]),
    ...options.flatMap((option) => [
      [code(option.flag), cell(optionMeaning(option))],
      ...(option.stdinFlag === undefined ? [] : [[code(option.stdinFlag), `Reads the value of \`${option.flag}\` from standard input`]]),
    ]),
  ];
}

function optionMeaning({ summary, choices, default: initial, required }: CommandOption): string {
  const more = [
    choices === undefined ? '' : `one of ${choices.join(', ')}`,
    initial === undefined ? '' : `${initial} when absent`,
    required === true ? 'has to be given' : '',
  ].filter((text) => text !== '');
  return sentence(more.length === 0 ? summary : `${summary}; ${more.join('; ')}`);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function metricsTable(metrics: readonly MetricDoc[]): string {
  return markdownTable(
    ['Metric', 'Type', 'Labels', 'Meaning'],
    metrics.map(({ name, type, labels = [], help }) => [code(name), type, labels.map(code).join(', '), cell(help)]),
  );
}

function stored({ migrations = {} }: PluginSpec): string {
  const names = Object.keys(migrations);
  if (names.length === 0) return '';
  return `## In the store\n\nIt keeps tables of its own. Its migrations, applied at start: ${names.map(code).join(', ')}.\n`;
}

/** What its `api.ts` exports: tokens, subjects and the types that go with them. */
function api({ name, root }: PluginSpec): string {
  const file = fileURLToPath(new URL('dist/api.d.ts', root));
  if (!existsSync(file)) return '';
  const exports = new DeclarationReader({}).exports(file);
  const [first] = exports.filter(({ kinds }) => kinds.includes('const'));
  return `## For other plugins

\`\`\`ts
import { ${(first ?? exports[0])?.name ?? ''} } from '@parley/plugin-${name}/api';
\`\`\`

${exports.map((item) => exportSection(item, '###')).join('\n')}`;
}

function provided({ provides = [] }: PluginSpec): Token<unknown>[] {
  return provides.map((entry) => ('implementation' in entry ? entry.token : entry));
}

function named({ name }: PluginSpec): string {
  return `[${name}](${name}.md)`;
}

/** The plugin's folder as seen from docs/plugins. */
function folderOf({ root }: PluginSpec): string {
  const folder = fileURLToPath(root);
  const plugins = fileURLToPath(new URL('../plugins/', import.meta.url));
  return `../../plugins/${relative(plugins, folder) || basename(folder)}`;
}
