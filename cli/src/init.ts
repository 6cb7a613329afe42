/** `parley init`: asks what the server is for and writes its configuration. Every question is also an option. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { intro, note, outro } from '@clack/prompts';
import { CliErrors } from './errors.ts';
import { DEFAULT_DOMAIN, refuse } from './init/answers.ts';
import type { InitAnswers, InitOptions } from './init/answers.ts';
import { configText, hasPassword } from './init/config-text.ts';
import { gather } from './init/gather.ts';
import { agree } from './init/questions.ts';
import { writeServerPackage } from './init/server-package.ts';
import { repositoryOf } from './packages.ts';

/**
 * Asks for what the options leave open, writes the file and, outside the repository, a package.json beside it; says what comes next.
 * Throws CLI_FILE_EXISTS, CLI_BAD_OPTION, CLI_UNKNOWN_PLUGIN, CLI_PLUGIN_NEEDS, CLI_CANCELLED.
 */
export async function init(options: InitOptions, interactive: boolean, print: (line: string) => void): Promise<void> {
  refuse(
    '--file',
    options.file,
    /\.m?ts$/.test(options.file) ? undefined : 'a file that ends in .ts, such as parley.config.ts: TypeScript is written',
  );
  const file = resolve(options.file);
  const folder = dirname(file);
  const ask = interactive && options.yes !== true;
  if (ask) intro('A new Parley server');
  if (existsSync(file) && options.force !== true) {
    if (!ask) throw CliErrors.CLI_FILE_EXISTS({ file });
    if (!(await agree(`${file} is there already. Overwrite it?`, false))) throw CliErrors.CLI_CANCELLED();
  }
  const { answers, remarks } = await gather(options, folder, ask);
  const text = configText(answers);
  if (ask) {
    note(excerpt(text), file);
    if (!(await agree('Write this file?'))) throw CliErrors.CLI_CANCELLED();
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  const isOwn = repositoryOf(folder) === undefined;
  const others = isOwn ? writeServerPackage(folder, answers.plugins) : [];
  if (ask) outro('Done');
  for (const line of closing([file, ...others], remarks, answers, isOwn)) print(line);
}

/** What the closing note of the questions shows: the description without imports. */
function excerpt(text: string): string {
  const inside = text.slice(text.indexOf('defineServer({') + 'defineServer({'.length, text.lastIndexOf('}'));
  return inside.replaceAll(/^ {2}/gm, '').trim();
}

function closing(files: readonly string[], remarks: readonly string[], answers: InitAnswers, isOwn: boolean): string[] {
  const [file = ''] = files;
  const domain = answers.domains[0] ?? DEFAULT_DOMAIN;
  const below = relative(process.cwd(), dirname(file));
  const inside = below.startsWith('..') ? dirname(file) : below;
  const steps: [command: string, what: string][] = [
    ...(inside === '' ? [] : [[`cd ${inside}`, ''] as [string, string]]),
    ...(isOwn ? [['npm install', 'fetches the packages'] as [string, string]] : []),
    ...(hasPassword(answers.database)
      ? [[`export PARLEY_STORE_URL='postgres://...'`, 'the database, with its password'] as [string, string]]
      : []),
    ['npx parley start', 'starts the server'],
    [`npx parley user add sip:alice@${domain}`, 'in another terminal'],
    ['npx parley dns', 'prints the DNS records to publish'],
    ['npx parley doctor', 'checks names, ports and certificates'],
    ['npx parley plugin list', 'what it consists of, and what else there is'],
  ];
  const isForLync = answers.plugins.some(({ name }) => name === 'auth-ntlm');
  return [
    ...files.map((written) => `Written: ${written}`),
    ...(remarks.length === 0 ? [] : ['', ...remarks]),
    '',
    'Next:',
    ...commandLines(steps),
    ...(isForLync
      ? ['', "Clients have to trust the server's certificate: npx parley pki export-ca.", 'docs/connect-a-client.md has the rest.']
      : []),
  ];
}

/** Commands with what they do in a column behind them, where that fits. */
export function commandLines(steps: readonly (readonly [command: string, what: string])[]): string[] {
  const width = Math.min(48, Math.max(...steps.map(([command]) => command.length)));
  return steps.map(([command, what]) => (what === '' ? `  ${command}` : `  ${command.padEnd(width)}  # ${what}`));
}
