/** Makes docs/configuration.md and docs/errors.md from the schemas and error tables of the code, so that they cannot drift apart. */
import type { ErrorEntry, PluginSpec } from '@parley/core';
import { ENVIRONMENT, ServerSchema } from '@parley/core';
import { cell, code, markdownTable } from './markdown-table.ts';
import { optionsTable } from './schema-table.ts';

/** docs/configuration.md: the server's own options, then each plugin's, then the environment variables. */
export function configurationPage(plugins: readonly PluginSpec[]): string {
  const sections = plugins.map(
    (plugin) =>
      `### ${plugin.name}\n\n${plugin.summary}. [More](plugins/${plugin.name}.md)\n\n${optionsTable(plugin.config) || 'It has no options.\n'}`,
  );
  return `# Configuration

A server is described by \`parley.config.ts\` in the folder where \`parley start\` runs, or by the file that \`--config\` names. \`parley init\` writes one. In an editor every option shows what is
written here, and a wrong one is underlined; \`parley start\` checks the whole file before it does anything and lists every fault with its place.

\`\`\`ts
import { defineServer } from '@parley/sdk';
import registrar from '@parley/plugin-registrar';

export default defineServer({
  domains: ['example.com'],
  fqdn: 'sip.example.com',
  plugins: [registrar({ maxContacts: 5 })],
});
\`\`\`

The same as JSON, in \`parley.config.json\`, with plugins by name:

\`\`\`json
{ "domains": ["example.com"], "fqdn": "sip.example.com", "plugins": { "registrar": { "maxContacts": 5 } } }
\`\`\`

## The server

${optionsTable(ServerSchema)}
## Plugins

${sections.join('\n')}
## Environment variables

They go before the file: secrets and addresses need not be written into it.

${markdownTable(
  ['Variable', 'Meaning'],
  ENVIRONMENT.map(({ name, summary }) => [code(name), cell(summary)]),
)}`;
}

/** docs/errors.md: every code, in alphabetical order. */
export function errorsPage(errors: ReadonlyMap<string, ErrorEntry>): string {
  const rows = [...errors.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return `# Errors

Every error of Parley has a stable code, a sentence that says what was wrong, and one that says what to do. \`{name}\` stands for what was found. Where a status stands, a SIP request that ends
with the error is answered with it.

| Code | What was wrong | What to do | Status |
| --- | --- | --- | --- |
${rows.map(([code, { sentence, fix, status }]) => `| \`${code}\` | ${cell(sentence)} | ${cell(fix)} | ${status ?? ''} |`).join('\n')}
`;
}
