/** A new plugin as a list of files, inside the repository or as a package of its own. */
import { readFileSync } from 'node:fs';
import { VERSION } from '@parley/core';
import { basename, join, relative } from 'node:path';
import { TOOLS, packageSpec } from '../packages.ts';
import { PLUGIN_KINDS } from './kinds.ts';
import type { PluginKind, PluginKindName } from './kinds.ts';
import { filledTemplate, wordsFor } from './template.ts';
import type { NewFile } from './template.ts';

/** What is to be made. */
export interface NewPlugin {
  /** `fax` */
  readonly name: string;
  /** `@parley/plugin-fax`, `parley-plugin-fax`, `@example/plugin-fax` */
  readonly packageName: string;
  readonly kind: PluginKindName;
  /** Absolute. */
  readonly folder: string;
  /** Root of the repository that the folder lies in; undefined outside of one. */
  readonly repository: string | undefined;
}

/** Every file of the package. */
export function pluginFiles(plugin: NewPlugin): readonly NewFile[] {
  const { kind, name, packageName, repository } = plugin;
  const use = `${ownText(plugin)}\n\n${repository === undefined ? useOutside(plugin) : useInside(plugin)}`;
  const words = { ...wordsFor(name), package: packageName, use };
  const own = filledTemplate(kind, words);
  const about = summaryOf(own);
  if (repository !== undefined)
    return [{ path: 'package.json', text: json(packageInside(plugin, about)) }, ...configsInside(plugin), ...own];
  return [{ path: 'package.json', text: json(packageOutside(plugin, about)) }, ...filledTemplate('package', words), ...own];
}

/** The root tsconfig.json of the repository with a reference to the new package, so that `tsc -b` builds it. */
export function rootWithReference(repository: string, folder: string): NewFile {
  const path = 'tsconfig.json';
  const text = readFileSync(join(repository, path), 'utf8');
  const root = JSON.parse(text) as { readonly references: readonly { readonly path: string }[] };
  const reference = { path: relative(repository, folder).replaceAll('\\', '/') };
  if (root.references.some((one) => one.path === reference.path)) return { path, text };
  return { path, text: json({ ...root, references: [...root.references, reference] }) };
}

function packageInside({ kind, packageName }: NewPlugin, description: string): object {
  const chosen: PluginKind = PLUGIN_KINDS[kind];
  const entry = (name: string): object => ({
    '@parley/source': `./src/${name}.ts`,
    types: `./dist/${name}.d.ts`,
    default: `./dist/${name}.js`,
  });
  return {
    name: packageName,
    version: VERSION,
    description,
    license: 'Apache-2.0',
    type: 'module',
    exports: { '.': entry('plugin'), ...(chosen.offersApi === true && { './api': entry('api') }) },
    files: ['dist', '*.am', '*.csv'],
    parley: { plugin: './dist/plugin.js' },
    scripts: { build: 'tsc -b' },
    dependencies: { ...Object.fromEntries(chosen.uses.map((name) => [`@parley/plugin-${name}`, VERSION])), zod: TOOLS.zod },
    peerDependencies: { '@parley/sdk': VERSION },
  };
}

function packageOutside({ kind, packageName, folder }: NewPlugin, description: string): object {
  const chosen: PluginKind = PLUGIN_KINDS[kind];
  const specs = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, packageSpec(name, folder)]));
  const entry = (name: string): object => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
  const { zod, node, ...tools } = TOOLS;
  const tested = chosen.testedWith.map((name) => `@parley/plugin-${name}`);
  return {
    name: packageName,
    version: '0.1.0',
    description,
    license: 'Apache-2.0',
    type: 'module',
    exports: { '.': entry('plugin'), ...(chosen.offersApi === true && { './api': entry('api') }) },
    files: ['dist', '*.am', '*.csv'],
    parley: { plugin: './dist/plugin.js' },
    scripts: {
      build: 'tsc -p .',
      lint: 'tsc -p test && oxlint --type-aware --deny-warnings',
      // The first run compiles everything; on a busy machine that takes longer than Vitest waits for a test.
      test: 'vitest run --test-timeout=60000',
      // What was built of sources that are gone must not be packed.
      prepack: 'node -e "fs.rmSync(\'dist\', { recursive: true, force: true })" && npm run build',
    },
    dependencies: { ...specs(chosen.uses.map((name) => `@parley/plugin-${name}`)), zod },
    // The server brings the SDK: two of them in one process would be two different ones.
    peerDependencies: { '@parley/sdk': `^${VERSION}` },
    devDependencies: { ...specs(['@parley/sdk', '@parley/core', ...tested]), node, ...tools },
    // The package `node` brings the Node.js that Parley runs on, and does that in its install script.
    allowScripts: { node: true },
  };
}

function configsInside({ kind, folder, repository = '' }: NewPlugin): readonly NewFile[] {
  const chosen: PluginKind = PLUGIN_KINDS[kind];
  const up = relative(folder, repository).replaceAll('\\', '/');
  const references = [`${up}/core`, `${up}/sdk`, ...chosen.uses.map((name) => `${up}/plugins/${name}`)].map((path) => ({ path }));
  return [
    {
      path: 'tsconfig.json',
      text: json({
        extends: `${up}/tsconfig.base.json`,
        compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
        include: ['src'],
        references,
      }),
    },
    {
      path: 'test/tsconfig.json',
      text: json({
        extends: `../${up}/tsconfig.base.json`,
        compilerOptions: { composite: false, noEmit: true, rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true },
        include: ['.'],
      }),
    },
  ];
}

/** The plugin says what it is for; its package says the same. */
function summaryOf(files: readonly NewFile[]): string {
  const source = files.find(({ path }) => path === 'src/plugin.ts')?.text ?? '';
  return /summary: '(.*)'/.exec(source)?.[1] ?? '';
}

/** What a kind begins with is not what its author has in mind, and is said in three places. */
function ownText({ name }: NewPlugin): string {
  return `## Make it your own

This is what \`${name}\` begins with. When it does something else, say so above, under \`summary\` in [src/plugin.ts](src/plugin.ts), and under \`description\` in [package.json](package.json).`;
}

function useInside({ name }: NewPlugin): string {
  return `## Use it

\`\`\`sh
npx parley plugin add ${name}
\`\`\``;
}

function useOutside({ packageName, folder }: NewPlugin): string {
  const isLocal = packageSpec('@parley/sdk', folder).startsWith('file:');
  const local = isLocal
    ? `

\`package.json\` refers to Parley's packages by paths of this machine (\`file:\`): on another one, and in continuous integration, put a version or another path there.`
    : '';
  return `## Use it

From the folder of a server, with this folder beside its configuration or the package installed:

\`\`\`sh
npx parley plugin add ./${basename(folder)}   # or: npm install ${packageName} && npx parley plugin add ${packageName}
\`\`\`

## Work on it

\`\`\`sh
npm install
npm run build
npm run lint
npm test
\`\`\`

Tests stand in \`test\`: its \`tsconfig.json\` says how their decorators are compiled.${local}

## Publish it

\`\`\`sh
npm pack                                          # builds anew and writes the archive
npm install ./${packageName.replace('@', '').replace('/', '-')}-0.1.0.tgz   # in the folder of a server
\`\`\``;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
