/** `parley plugin ...` on the command line. */
import type { Command } from 'commander';
import { localCommand } from '../local-command.ts';
import { wrap } from '../wrap.ts';
import type { Output } from '../output.ts';
import { addPlugins, disablePlugins, removePlugins } from './change-plugins.ts';
import type { Change } from './change-plugins.ts';
import type { ConfigField } from './config-fields.ts';
import { Configured } from './configured.ts';
import { npmInstall } from './installed.ts';
import { pluginLines, pluginReport } from './plugin-report.ts';
import type { PluginReport, TokenUse } from './plugin-report.ts';

interface Flags {
  readonly json?: boolean;
  readonly force?: boolean;
}

/** Adds list, info, add, remove, enable and disable. */
export function addPluginCommands(program: Command, output: Output): void {
  const plugin = program.command('plugin').description('The plugins that the server consists of').exitOverride();
  const open = (): Promise<Configured> => Configured.open(program.opts<{ config?: string }>().config);
  addReports(plugin, open, output);
  const install = npmInstall(output.interactive, (line) => output.remark(line));
  change(plugin, 'add', 'Adds plugins, and those that they need, to the configuration', [
    'parley plugin add presence',
    'parley plugin add ./my-plugin',
  ]).action(async (words: string[], { json }: Flags) => show(await addPlugins(await open(), words, install), 'Added', json, output));
  change(plugin, 'enable', 'Uses disabled plugins again, with the settings that they had', ['parley plugin enable presence']).action(
    async (words: string[], { json }: Flags) => {
      const configured = await open();
      const names = words.map((word) => configured.entry(word).reference);
      show(await addPlugins(configured, names, install), 'Enabled', json, output);
    },
  );
  change(plugin, 'disable', 'Makes the entries of plugins comments: their settings are kept', ['parley plugin disable metrics'])
    .option('--force', 'even if other plugins cannot do without')
    .action(async (words: string[], { json, force }: Flags) =>
      show(await disablePlugins(await open(), words, force === true), 'Disabled', json, output),
    );
  change(plugin, 'remove', 'Takes plugins out of the configuration, with their settings', [
    'parley plugin remove metrics',
    'parley plugin remove contacts presence',
  ])
    .option('--force', 'even if other plugins cannot do without')
    .action(async (words: string[], { json, force }: Flags) =>
      show(await removePlugins(await open(), words, force === true), 'Removed', json, output),
    );
}

function addReports(plugin: Command, open: () => Promise<Configured>, output: Output): void {
  localCommand(plugin, 'list', 'Shows the plugins of the configuration, and what could be added', [
    'parley plugin list',
    'parley plugin list --json',
  ])
    .option('--json', 'print JSON for scripts')
    .action(async ({ json }: Flags) => {
      const lines = pluginLines(await open());
      if (json === true) output.json(lines);
      else
        output.table(
          lines,
          ['name', 'state', 'summary'].map((key) => ({ key, title: key.toUpperCase(), whole: key === 'name' })),
        );
    });
  localCommand(plugin, 'info', 'Says what a plugin is for, needs and offers, and what can be set', [
    'parley plugin info registrar',
    'parley plugin info ./my-plugin',
  ])
    .argument('<plugin>', 'name, package or path')
    .option('--json', 'print JSON for scripts')
    .action(async (word: string, { json }: Flags) => {
      const report = await pluginReport(await open(), word);
      if (json === true) output.json(report);
      else showReport(report, output);
    });
}

function change(parent: Command, name: string, summary: string, examples: readonly string[]): Command {
  return localCommand(parent, name, summary, examples)
    .argument('<plugins...>', 'names, packages or paths')
    .option('--json', 'print JSON for scripts');
}

function show({ file, changed, also, remarks }: Change, verb: string, json: boolean | undefined, output: Output): void {
  if (json === true) {
    output.json({ file, changed, also, remarks });
    return;
  }
  for (const name of changed) {
    const reason = also.find((one) => one.name === name);
    output.print(`${verb}: ${name}${reason === undefined ? '' : `, since ${reason.neededBy} needs "${reason.token}"`}`);
  }
  for (const remark of remarks) output.print(remark);
  if (changed.length > 0) output.print(`${file} is changed; a running server takes it up when it is started again.`);
}

function showReport(report: PluginReport, output: Output): void {
  const { name, reference, state, summary, scripts, tables, commands, config, setup } = report;
  output.print(`${name}: ${summary}`);
  output.print('');
  output.print(`  Package    ${reference} (${STATES[state]})`);
  if (setup !== undefined) output.print(`  Setup      ${setup}`);
  tokens('Requires', report.requires, 'provided by', 'which nothing in the configuration provides', output);
  tokens('Can use', report.optional, 'provided by', 'which nothing in the configuration provides', output);
  tokens('Provides', report.provides, 'used by', '', output);
  for (const { file, priority } of scripts) output.print(`  Script     ${file}, priority ${priority}`);
  for (const table of tables) output.print(`  Table      ${table}; scripts.tables in the configuration puts one of yours in its place`);
  for (const command of commands) output.print(`  Command    parley ${command}`);
  output.print('');
  if (config.length === 0) output.print(state === 'available' ? 'Install it to see its settings.' : 'It has no settings.');
  else for (const field of config) for (const line of settingLines(field)) output.print(line);
}

const LINE_LENGTH = 80;

/** A setting, what it may be, and below that what it means, in lines that a terminal holds. */
function settingLines({ field, allowed, default: initial, meaning }: ConfigField): string[] {
  const head = `  ${field}: ${allowed}${initial === '' ? '' : `, default ${initial}`}`;
  return [...wrap(head, LINE_LENGTH, '      '), ...wrap(`    ${meaning}`, LINE_LENGTH, '    ')];
}

const STATES = {
  used: 'in the configuration',
  disabled: 'disabled in the configuration',
  installed: 'installed, not in the configuration',
  available: 'not installed',
} as const;

function tokens(title: string, uses: readonly TokenUse[], verb: string, nobody: string, output: Output): void {
  for (const { token, plugins } of uses) {
    const ends = plugins.length === 0 ? nobody : `${verb} ${plugins.join(', ')}`;
    output.print(`  ${title.padEnd(10)} ${token}${ends === '' ? '' : `, ${ends}`}`);
  }
}
