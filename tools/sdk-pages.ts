/** Makes docs/sdk-reference.md and docs/sdk/<area>.md from the declaration files of @parley/sdk: every exported name with its docstring. */
import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { DeclarationReader } from './declarations.ts';
import type { Export } from './declarations.ts';
import { exportSection } from './export-section.ts';
import { cell, markdownTable } from './markdown-table.ts';
import { Anchors } from './site/anchors.ts';

interface Area {
  readonly file: string;
  readonly title: string;
  readonly about: string;
  /** Beginnings of paths of declaration files, from the root of the repository. */
  readonly paths: readonly string[];
  /** What to import from. */
  readonly specifier: string;
}

const SDK = '@parley/sdk';

/** In the order in which somebody who writes a plugin meets them. The last two are entries of their own. */
const AREAS: readonly Area[] = [
  area(
    'plugins',
    'Plugins and servers',
    'The definition of a plugin, tokens, the scope that it registers with, commands, configuration, boot.',
    ['core/dist/host'],
  ),
  area('routing', 'Routing', 'What a handler that a script dispatched to can do with a request; scripts and their compiler.', [
    'core/dist/script',
  ]),
  area('sip', 'SIP messages', 'Messages, headers, URIs.', ['core/dist/sip']),
  area('dialogs', 'Dialogs', 'For plugins that are user agents: calls, subscriptions, notifications.', ['core/dist/dialog']),
  area('calls', 'Calls', 'Take a call, or connect one to somebody else, in a line.', ['sdk/dist/calls']),
  area('transactions', 'Transactions', 'The four machines of RFC 3261, as plugins see them.', ['core/dist/transaction']),
  area('transport', 'Transport', 'Listeners, connections, flows, byte stages, stamps, name resolution.', ['core/dist/transport']),
  area('store', 'Store', 'The database, its writer, migrations.', ['core/dist/store']),
  area('bus', 'Bus', 'Publish and subscribe, request and reply, between plugins and between nodes.', ['core/dist/bus']),
  area('errors', 'Errors and time', 'The one error type and its tables; the clock and its timers.', [
    'core/dist/errors',
    'core/dist/clock',
  ]),
  area('endpoints', 'Endpoints and diagnostics', 'GRUUs, instance names; ms-diagnostics.', ['sdk/dist/endpoint', 'sdk/dist/diagnostic']),
  area('xml', 'XML, SOAP, CSV', 'Readers and writers with limits for what comes from outside.', [
    'sdk/dist/xml',
    'sdk/dist/soap',
    'sdk/dist/csv',
  ]),
  area(
    'security',
    'Security associations',
    'What the sign-in mechanisms of Communicator and Lync clients stand on: associations, Kerberos, NTLM.',
    ['sdk/dist/association', 'sdk/dist/kerberos', 'sdk/dist/ntlm'],
  ),
  area('presence', 'Presence', 'What plugins of presence share.', ['sdk/dist/presence']),
  area('more', 'More', 'What belongs to no other area.', ['sdk/dist', 'core/dist']),
  area(
    'testkit',
    'Testkit',
    'A server in memory with virtual endpoints, for the tests of plugins.',
    ['sdk/dist/testkit'],
    `${SDK}/testkit`,
  ),
  area(
    'application',
    'External applications',
    'The client for applications that run in a process of their own.',
    ['sdk/dist/application'],
    `${SDK}/application`,
  ),
];

function area(file: string, title: string, about: string, paths: readonly string[], specifier = SDK): Area {
  return { file, title, about, paths, specifier };
}

/** A page of the reference; `file` is relative to docs. */
export interface SdkPage {
  readonly file: string;
  readonly text: string;
}

/** The index and a page for each area that exports something. @param root folder of the repository, built */
export function sdkPages(root: string): SdkPage[] {
  const found = exportsByArea(root);
  const shown = AREAS.filter((area) => (found.get(area) ?? []).length > 0);
  return [
    { file: 'sdk-reference.md', text: indexPage(shown, found) },
    ...shown.map((area) => ({ file: `sdk/${area.file}.md`, text: areaPage(area, found.get(area) ?? []) })),
  ];
}

function exportsByArea(root: string): Map<Area, Export[]> {
  const reader = new DeclarationReader({ '@parley/core': join(root, 'core/dist/index.d.ts'), [SDK]: join(root, 'sdk/dist/index.d.ts') });
  const found = new Map<Area, Export[]>();
  for (const [specifier, entry] of [
    [SDK, 'index'],
    [`${SDK}/testkit`, 'testkit/index'],
    [`${SDK}/application`, 'application/index'],
  ] as const) {
    const file = join(root, `sdk/dist/${entry}.d.ts`);
    const own = AREAS.filter((area) => area.specifier === specifier);
    for (const item of existsSync(file) ? reader.exports(file) : []) {
      const path = relative(root, item.file).split(sep).join('/');
      // An entry of its own may pass on what stands elsewhere; it is still that entry's.
      const home = own.find(({ paths }) => paths.some((start) => path.startsWith(start))) ?? own[0];
      if (home !== undefined) found.set(home, [...(found.get(home) ?? []), item]);
    }
  }
  return found;
}

function indexPage(areas: readonly Area[], found: ReadonlyMap<Area, readonly Export[]>): string {
  const sections = areas.map((area) => {
    // As they come on the page: a class and a function may differ by a capital letter alone.
    const anchors = new Anchors();
    anchors.take(area.title);
    const rows = (found.get(area) ?? []).map((item) => [
      `[${item.name}](sdk/${area.file}.md#${anchors.take(item.name)})`,
      item.kinds.join(', '),
      cell(firstSentence(item.doc)),
    ]);
    return `## ${area.title}\n\n${area.about} Import from \`${area.specifier}\`. [All of it](sdk/${area.file}.md)\n\n${markdownTable(['Name', 'Is', 'For'], rows)}`;
  });
  return `# SDK reference

Everything that \`@parley/sdk\` exports, by area, with the docstrings of the code. [Writing a plugin](writing-a-plugin.md) shows how it goes together.

${sections.join('\n')}`;
}

function areaPage(area: Area, exports: readonly Export[]): string {
  const sections = exports.map((item) => exportSection(item, '##'));
  const [first] = exports;
  return `# ${area.title}

${area.about} Part of the [SDK reference](../sdk-reference.md).

\`\`\`ts
import { ${first?.name ?? ''} } from '${area.specifier}';
\`\`\`

${sections.join('\n')}`;
}

function firstSentence(doc: string): string {
  const text =
    doc
      .split(/\n\n|(?:^|\s)@(?:param|returns?|throws|example)\b/)[0]
      ?.replaceAll('\n', ' ')
      .trim() ?? '';
  return /^.*?[.:](?=\s[A-Z`]|$)/.exec(text)?.[0].replace(/:$/, '.') ?? text;
}
