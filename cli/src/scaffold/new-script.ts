/** `parley new script`: a manifest that checks clean, its table, and a message to try it with. */
import { join, relative, resolve } from 'node:path';
import { CliErrors } from '../errors.ts';
import { commandLines } from '../init.ts';
import { refuse } from '../init/answers.ts';
import { checkScripts } from '../script-check.ts';
import { isCancel, select } from '@clack/prompts';
import { SCRIPT_KINDS } from './kinds.ts';
import type { ScriptKind, ScriptKindName } from './kinds.ts';
import { filledTemplate, presentFiles, wordsFor, writeFiles } from './template.ts';

/** The options of the command. */
export interface NewScriptOptions {
  readonly kind?: string | undefined;
  readonly directory?: string | undefined;
  readonly force?: boolean | undefined;
}

const NAME = /^[a-z][a-z0-9-]{0,60}$/;

/** Throws CLI_BAD_OPTION, CLI_FILE_EXISTS, CLI_CANCELLED. */
export async function newScript(
  name: string,
  options: NewScriptOptions,
  interactive: boolean,
  print: (line: string) => void,
): Promise<void> {
  refuse('NAME', name, NAME.test(name) ? undefined : 'lower-case letters, digits and hyphens, such as night-shift');
  const kind = await kindOf(options.kind, interactive);
  const folder = resolve(options.directory ?? '.');
  const files = filledTemplate(join('script', kind), wordsFor(name));
  const present = presentFiles(folder, files);
  if (present.length > 0 && options.force !== true) throw CliErrors.CLI_FILE_EXISTS({ file: join(folder, present[0] ?? '') });
  writeFiles(folder, files);
  for (const { path } of files) print(`Written: ${shownPath(join(folder, path))}`);
  const manifest = shownPath(join(folder, `${name}.am`));
  const { ok, reports } = await checkScripts([manifest], {});
  for (const line of reports.flatMap(({ text }) => text)) print(line);
  print(ok ? `${manifest}: good` : `${manifest}: has faults`);
  const { traceOptions = [] }: ScriptKind = SCRIPT_KINDS[kind];
  const trace = ['npx parley script trace', manifest, '--message', manifest.replace(/am$/, 'sip'), ...traceOptions].join(' ');
  print('');
  print('Next:');
  for (const line of commandLines([
    [`npx parley script check ${manifest}`, 'after each change'],
    [trace, ''],
    [`npx parley script add ${manifest}`, 'into the server'],
    ['npx parley routes', 'where it stands'],
  ]))
    print(line);
}

function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? path : below;
}

async function kindOf(given: string | undefined, interactive: boolean): Promise<ScriptKindName> {
  const names = Object.keys(SCRIPT_KINDS) as ScriptKindName[];
  if (given !== undefined && !names.includes(given as ScriptKindName)) refuse('--kind', given, names.join(', '));
  if (given !== undefined || !interactive) return (given ?? 'block') as ScriptKindName;
  const answer = await select({
    message: 'What is it to do?',
    options: names.map((value) => ({ value, label: value, hint: SCRIPT_KINDS[value].hint })),
  });
  if (isCancel(answer)) throw CliErrors.CLI_CANCELLED();
  return answer;
}
