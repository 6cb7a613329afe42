/** `parley script ...` as far as it needs no server: check, trace, lsp. The other commands of that name run in the server. */
import type { Command } from 'commander';
import { EXIT } from './exit-code.ts';
import { localCommand } from './local-command.ts';
import { addLspCommand } from './lsp/command.ts';
import type { Output } from './output.ts';
import { checkScripts, isXmlFault } from './script-check.ts';
import type { CheckSettings, ScriptReport } from './script-check.ts';

/** Adds them to the program. */
export function addScriptCommands(program: Command, output: Output): void {
  const script = program.command('script').description('Routing scripts: check, trace, and change those of a server').exitOverride();
  addCheck(script, output);
  addLspCommand(script);
}

function addCheck(script: Command, output: Output): void {
  localCommand(script, 'check', 'Compiles routing scripts and shows every fault with its place and what would be right', [
    'parley script check routes.am',
    'parley script check scripts/*.am',
    'parley script check old.am --lenient',
    'parley script check mine.am --handler registrar',
  ])
    .argument('<file...>', 'MSPL manifests (.am)')
    .option('--lenient', 'mend the known XML faults of published manifests, and report each, instead of refusing them')
    .option('--handler <plugin>', 'check what it dispatches to against the handler of this plugin, as `script add --handler` does')
    .option('--json', 'print JSON for scripts')
    .action(async (files: string[], options: CheckSettings & { json?: boolean }) => {
      const { ok, reports, twins } = await checkScripts(files, options);
      if (options.json === true)
        output.json({
          ok,
          files: reports.map(({ file, ok: good, appUri, diagnostics }) => ({ file, ok: good, appUri, diagnostics })),
          twins,
        });
      else {
        for (const report of reports) print(report, output);
        for (const twin of twins) output.print(twin);
      }
      if (!ok) process.exitCode = EXIT.failed;
    });
}

function print({ file, ok, diagnostics, text }: ScriptReport, output: Output): void {
  for (const line of text) output.print(line);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const warnings = diagnostics.filter((diagnostic) => !errors.includes(diagnostic));
  const mended = warnings.filter(isXmlFault).length;
  const mendable = errors.filter(isXmlFault).length;
  const parts = [
    ok ? 'good' : counted(errors.length, 'fault'),
    ...(mended > 0 ? [`${counted(mended, 'fault')} of its XML mended`] : []),
    ...(warnings.length > mended ? [counted(warnings.length - mended, 'remark')] : []),
  ];
  output.print(`${file}: ${parts.join(', ')}`);
  if (mendable > 0) output.print(`${mendable} of them can be mended on reading: --lenient`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
