/** The text of a new `parley.config.ts`, as the format check wants it. Pure. */
import { CATALOGUE, GROUPS } from '../plugins/catalogue.ts';
import { identifierOf } from '../plugins/identifier.ts';
import type { PluginOffer } from '../plugins/offer.ts';
import type { InitAnswers, Listener } from './answers.ts';
import { authenticates } from './choose-plugins.ts';

/** Connections on which nobody signs in are closed after a while, which a server without sign-in must not do. */
const NOBODY_SIGNS_IN = `  // Nobody signs in here, so that is no reason to close a connection.
  limits: { unauthenticatedSeconds: 0, unauthenticatedBytes: 0 },
`;

/** The whole file. */
export function configText({ preset, domains, fqdn, listen, database, plugins }: InitAnswers): string {
  const purpose = preset === undefined ? 'plugins of your choice' : preset.title;
  const imports = plugins.toSorted(byReference).map(({ name, reference }) => `import ${identifierOf(name)} from '${reference}';`);
  const sdk = `import { defineServer } from '@parley/sdk';`;
  return `/** A Parley server: ${purpose}. docs/configuration.md describes every option, and so does your editor. */
${[...imports, sdk].join('\n')}

export default defineServer({
  // The part of addresses behind the @; the first domain is the default one.
  domains: [${domains.map((domain) => `'${domain}'`).join(', ')}],
  // This server's own name in the DNS, in Via and in certificates.
  fqdn: '${fqdn}',
  listen: ${listenText(listen)},
${databaseText(database)}${limits(preset?.settings, plugins)}${pluginList(plugins)}});
`;
}

function limits(settings: string | undefined, plugins: readonly PluginOffer[]): string {
  return authenticates(plugins) ? (settings ?? '') : NOBODY_SIGNS_IN;
}

/** The format check wants one listener on a line with its brackets, and several on lines of their own. */
function listenText(listen: readonly Listener[]): string {
  const [only, ...others] = listen.map(listenerText);
  if (only === undefined) return '[]';
  return others.length === 0 ? `[${only}]` : `[\n${[only, ...others].map((text) => `    ${text},`).join('\n')}\n  ]`;
}

function listenerText({ transport, host, port }: Listener): string {
  return `{ transport: '${transport}',${host === undefined ? '' : ` host: '${host}',`} port: ${port} }`;
}

/** A password is not written into the file. */
function databaseText(database: string): string {
  if (database === 'sqlite') return '';
  if (hasPassword(database)) return '  // The database is PostgreSQL: the environment variable PARLEY_STORE_URL says which.\n';
  return `  store: { kind: 'postgres', url: '${database}' },\n`;
}

/** Whether the URL of a database carries a password. */
export function hasPassword(database: string): boolean {
  return URL.canParse(database) && new URL(database).password !== '';
}

/** By group, each under a comment; plugins of others at the end. */
function pluginList(plugins: readonly PluginOffer[]): string {
  if (plugins.length === 0) return '  plugins: [],\n';
  const lines: string[] = [];
  const own = new Map(CATALOGUE.map(({ name, group }) => [name, group]));
  for (const [group, title] of Object.entries({ ...GROUPS, others: 'Of others' })) {
    const members = plugins.filter(({ name }) => (own.get(name) ?? 'others') === group);
    if (members.length > 0) lines.push(`    // ${title}`, ...members.map(({ name }) => `    ${identifierOf(name)}(),`));
  }
  return `  plugins: [\n${lines.join('\n')}\n  ],\n`;
}

function byReference(a: PluginOffer, b: PluginOffer): number {
  return a.reference < b.reference ? -1 : 1;
}
