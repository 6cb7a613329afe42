/** The administration commands that every server has. */
import type { AdminCommand, CommandResult } from './command.ts';
import type { Host } from './host.ts';
import { SCRIPT_COMMANDS } from './script-command-list.ts';
import { scriptCommands } from './script-commands.ts';
import type { MetricFamily } from './telemetry.ts';
import { TRACE_COMMAND, traceCommand } from './trace-command.ts';

/** Their descriptions, for a command line that has no server to ask. */
export const BUILTIN_COMMANDS: readonly Omit<AdminCommand, 'run'>[] = [
  {
    path: 'status',
    summary: 'Registrations, connections, transactions, rates and memory',
    examples: ['parley status', 'parley status --watch', 'parley status --json'],
    columns: [
      { key: 'item', title: 'ITEM' },
      { key: 'value', title: 'VALUE', align: 'right' },
    ],
  },
  {
    path: 'health',
    summary: 'What every part of the server says of itself, and what to do about it',
    examples: ['parley health'],
    columns: [
      { key: 'state', title: 'STATE' },
      { key: 'plugin', title: 'PLUGIN', whole: true },
      { key: 'name', title: 'CHECK', whole: true },
      { key: 'detail', title: 'FOUND' },
      { key: 'fix', title: 'TO DO' },
    ],
  },
  {
    path: 'plugins',
    summary: 'The plugins that are loaded, in the order of their start, with the time that took',
    examples: ['parley plugins'],
    columns: [
      { key: 'name', title: 'PLUGIN', whole: true },
      { key: 'version', title: 'VERSION' },
      { key: 'state', title: 'STATE' },
      { key: 'milliseconds', title: 'MS', align: 'right' },
      { key: 'summary', title: 'WHAT IT DOES' },
    ],
  },
  {
    path: 'routes',
    summary: 'The routing applications in the order in which they see a request, with their filters',
    examples: ['parley routes', 'parley routes --json'],
    columns: [
      { key: 'order', title: '#', align: 'right' },
      { key: 'name', title: 'APPLICATION', whole: true },
      { key: 'methods', title: 'REQUESTS' },
      { key: 'responses', title: 'RESPONSES' },
      { key: 'inDialog', title: 'IN DIALOGS' },
      { key: 'unhandled', title: 'UNHANDLED' },
      { key: 'state', title: 'STATE' },
    ],
  },
  ...SCRIPT_COMMANDS,
  TRACE_COMMAND,
];

/** The same, at work on a host. */
export function builtinCommands(host: Host): readonly AdminCommand[] {
  const runs: Readonly<Record<string, () => CommandResult | Promise<CommandResult>>> = {
    status: () => status(host),
    health: async () => {
      const report = await host.core.telemetry.health();
      return { rows: report.entries, data: report };
    },
    plugins: () => ({ rows: host.plugins(), data: { plugins: host.plugins(), boot: host.tree() } }),
    routes: () => ({ rows: host.reports.routes() }),
  };
  const own = BUILTIN_COMMANDS.flatMap((command) => {
    const run = runs[command.path];
    return run === undefined ? [] : [{ ...command, run: () => run() }];
  });
  return [...own, ...scriptCommands(host), traceCommand(host)];
}

function status(host: Host): CommandResult {
  const { server, telemetry, store, clock } = host.core;
  const memory = process.memoryUsage();
  const data = {
    version: server.version,
    state: host.state,
    pid: process.pid,
    uptimeSeconds: Math.round((Date.now() - server.startedAt) / 1000),
    domains: server.domains,
    memory: { residentBytes: memory.rss, heapUsedBytes: memory.heapUsed },
    timers: clock.timers.size,
    store: { dialect: store.dialect, ...store.stats() },
    ...host.reports.status(),
  };
  const families = telemetry.metrics();
  const metrics = figures(families);
  // People see what plugins say of this moment, and what they want seen; scripts get every figure.
  const shown = figures(families.filter(({ inStatus, plugin }) => inStatus && plugin !== 'core'));
  return { rows: [...rows(data, ''), ...rows(shown, '')], data: { ...data, metrics } };
}

function figures(families: readonly MetricFamily[]): Record<string, number> {
  return Object.fromEntries(
    families.flatMap(({ name, samples }) => samples.map(({ labels, value }) => [metricName(name, labels), value] as const)),
  );
}

/** `parley_requests_total{method="INVITE"}`. */
function metricName(name: string, labels: Readonly<Record<string, string>>): string {
  const list = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return list.length === 0 ? name : `${name}{${list.join(',')}}`;
}

/** Nested figures as lines: `store writes`. */
function rows(data: object, prefix: string): { item: string; value: unknown }[] {
  return Object.entries(data).flatMap(([key, value]: [string, unknown]) => {
    const item = prefix === '' ? key : `${prefix}.${key}`;
    if (Array.isArray(value)) return [{ item: inWords(item), value: value.join(', ') }];
    return typeof value === 'object' && value !== null ? rows(value, item) : [withUnit(item, value)];
  });
}

/** `memory.residentBytes`, 161079296 as "memory resident", "154 MiB"; names of metrics stay what monitoring calls them. */
function withUnit(item: string, value: unknown): { item: string; value: unknown } {
  const [, name = item, unit] = /^(.*)(Bytes|Seconds)$/.exec(item) ?? [];
  if (unit === undefined || typeof value !== 'number') return { item: inWords(item), value };
  return { item: inWords(name), value: unit === 'Bytes' ? `${Math.round(value / 2 ** 20)} MiB` : duration(value) };
}

function inWords(item: string): string {
  if (item.startsWith('parley_')) return item;
  return item.replaceAll('.', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** The two largest units: `3 d 4 h`, `2 min 5 s`. */
function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return first < 0
    ? '0 s'
    : parts
        .slice(first, first + 2)
        .map(([count, unit]) => `${count} ${unit}`)
        .join(' ');
}
