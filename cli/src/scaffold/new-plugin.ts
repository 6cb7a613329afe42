/** `parley new plugin`: writes a package that builds, passes its checks and tests, and loads at once; and proves it. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { intro, isCancel, outro, select, text } from '@clack/prompts';
import { CliErrors } from '../errors.ts';
import { commandLines } from '../init.ts';
import { refuse } from '../init/answers.ts';
import { packageSpec, repositoryOf } from '../packages.ts';
import { PLUGIN_KINDS } from './kinds.ts';
import type { PluginKindName } from './kinds.ts';
import { pluginFiles, rootWithReference } from './plugin-package.ts';
import type { NewPlugin } from './plugin-package.ts';
import { provePlugin } from './prove-plugin.ts';
import { presentFiles, writeFiles } from './template.ts';

/** The options of the command; those that are absent are asked for on a terminal. */
export interface NewPluginOptions {
  readonly kind?: string | undefined;
  readonly directory?: string | undefined;
  readonly force?: boolean | undefined;
  /** `--no-verify` */
  readonly verify?: boolean | undefined;
}

const NAME = /^(?:(@[a-z0-9][a-z0-9._-]*)\/plugin-|parley-plugin-)?([a-z][a-z0-9-]{0,60})$/;
const GOOD_NAME = 'lower-case letters, digits and hyphens, such as fax or @example/plugin-fax';

/** Throws CLI_BAD_OPTION, CLI_FILE_EXISTS, CLI_CANCELLED, CLI_STEP_FAILED. */
export async function newPlugin(
  given: string | undefined,
  options: NewPluginOptions,
  interactive: boolean,
  print: (line: string) => void,
): Promise<void> {
  if (interactive) intro('A new plugin');
  const word = given ?? (await askName(interactive));
  const plugin = planned(word, await kindOf(options.kind, interactive), options.directory);
  const files = pluginFiles(plugin);
  const present = presentFiles(plugin.folder, files);
  if (present.length > 0 && options.force !== true) throw CliErrors.CLI_FILE_EXISTS({ file: join(plugin.folder, present[0] ?? '') });
  writeFiles(plugin.folder, files);
  if (plugin.repository !== undefined) writeFiles(plugin.repository, [rootWithReference(plugin.repository, plugin.folder)]);
  const where = relative(process.cwd(), plugin.folder) || '.';
  print(`Written: ${where}/ with ${files.length} files`);
  if (options.verify !== false) await provePlugin(plugin, interactive, print);
  if (interactive) outro('Done');
  for (const line of closing(plugin, where, options.verify !== false)) print(line);
}

/** Where it goes and what it is called: in `plugins` of the repository, else in a folder beside the server. Throws CLI_BAD_OPTION. */
export function planned(word: string, kind: PluginKindName, directory: string | undefined): NewPlugin {
  const [, scope, name = ''] = NAME.exec(word) ?? [];
  refuse('NAME', word, name === '' ? GOOD_NAME : undefined);
  const repository = repositoryOf(directory === undefined ? process.cwd() : resolve(directory, '..'));
  const isInside = repository !== undefined;
  const packageName = scope === undefined ? (isInside ? `@parley/plugin-${name}` : `parley-plugin-${name}`) : `${scope}/plugin-${name}`;
  const usual = isInside ? join(repository, 'plugins', name) : resolve(packageName.replace(/^@.*\//, ''));
  return { name, packageName, kind, folder: directory === undefined ? usual : resolve(directory), repository };
}

async function askName(interactive: boolean): Promise<string> {
  if (!interactive) throw CliErrors.CLI_BAD_OPTION({ option: 'NAME', value: '', allowed: GOOD_NAME });
  const answer = await text({
    message: 'What is it called?',
    validate: (value) => (NAME.test(value ?? '') ? undefined : `Use ${GOOD_NAME}.`),
  });
  if (isCancel(answer)) throw CliErrors.CLI_CANCELLED();
  return answer;
}

async function kindOf(given: string | undefined, interactive: boolean): Promise<PluginKindName> {
  const names = Object.keys(PLUGIN_KINDS) as PluginKindName[];
  if (given !== undefined && !names.includes(given as PluginKindName)) refuse('--kind', given, names.join(', '));
  if (given !== undefined || !interactive) return (given ?? 'handler') as PluginKindName;
  const options = names.map((value) => ({ value, label: PLUGIN_KINDS[value].title, hint: PLUGIN_KINDS[value].hint }));
  const answer = await select({ message: 'What is it to do?', options });
  if (isCancel(answer)) throw CliErrors.CLI_CANCELLED();
  return answer;
}

function closing({ name, folder, repository }: NewPlugin, where: string, proven: boolean): string[] {
  const scripts = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.am')) : [];
  const looks = scripts.map((file): [string, string] => [`npx parley script check ${where}/${file}`, 'checks its script']);
  if (repository !== undefined) {
    return [
      '',
      'Next:',
      ...commandLines([
        ...(proven ? [] : [['npm install', 'links the package'] as const, ['npm run build', 'compiles it'] as const]),
        [`npm test -- ${where}`, 'its tests, after a change'],
        ...looks,
        [`npx parley plugin add ${name}`, 'into parley.config.ts'],
        ['npm start', 'starts the server with it'],
      ]),
      '',
      'Before it is merged: a line in cli/src/plugins/catalogue.ts, and',
      '`UPDATE_DOCS=1 npm test -- docs` for the pages that are made from it.',
    ];
  }
  const reference = where.startsWith('..') ? folder : `./${where}`;
  return [
    '',
    'Next:',
    ...commandLines([
      [`cd ${where}`, ''],
      ...(proven ? [] : [['npm install', 'fetches the tools'] as const, ['npm run build', 'compiles it'] as const]),
      ['npm test', 'after a change'],
    ]),
    'and, in the folder of a server (npx parley init makes one):',
    ...commandLines([
      ...looks,
      [`npx parley plugin add ${reference}`, 'into parley.config.ts'],
      ['npx parley start', 'starts the server with it'],
    ]),
    ...(packageSpec('@parley/sdk', folder).startsWith('file:')
      ? ['', "Its package.json refers to Parley's packages by paths of this machine; its README says more."]
      : []),
  ];
}
