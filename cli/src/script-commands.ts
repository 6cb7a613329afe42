/** `parley script ...` as far as it needs no server: check, trace, lsp. The other commands of that name run in the server. */
import type { Command } from 'commander';
import { EXIT } from './exit-code.ts';
import { localCommand } from './local-command.ts';
import { addLspCommand } from './lsp/command.ts';
import type { Output } from './output.ts';
import { checkScripts, isXmlFault } from './script-check.ts';
import type { CheckSettings, ScriptReport } from './script-check.ts';
import { printTrial, traceScript } from './script-trace.ts';
import type { TraceSettings } from './script-trace.ts';

/** Adds them to the program. */
export function addScriptCommands(program: Command, output: Output): void {
  const script = program
    .command('script')
    .description(
      'Routing scripts: check and trace a file, needing no server; list, add and change those of a server, also while it does not run',
    )
    .exitOverride();
  addCheck(script, output);
  addTrace(script, output);
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

function addTrace(script: Command, output: Output): void {
  localCommand(
    script,
    'trace',
    'Runs a script on a captured message, without a server: each line, what it found, what it did (live: parley trace)',
    [
      'parley script trace block.am --message invite.sip',
      'parley script trace fork.am --message invite.sip --user "bob=sip:192.0.2.7:5061;transport=tls"',
      'parley script trace acl.am --message invite.sip --table acl.csv=new-acl.csv',
      'parley script trace edit.am --message invite.sip --response ok.sip --json',
    ],
  )
    .argument('<file>', 'MSPL manifest (.am)')
    .requiredOption('--message <file>', 'the request as it was on the wire; line ends and Content-Length need not be right')
    .option('--response <file>', 'a response that comes back when the script lets the request through')
    .option(
      '--user <user...>',
      'who is registered: bob, or "bob=CONTACT [epid=ID] [methods=INVITE,...]", once for each endpoint; bob=offline is not',
    )
    .option('--domain <name...>', 'domains that the server is responsible for; those of the message when absent')
    .option('--fqdn <name>', "the server's own name; the first domain when absent")
    .option('--table <name=file...>', 'this file in place of the table of that name or file')
    .option('--from-flow <transport>', 'how the message came: udp, tcp, tls, or tls:NAME with the name in its certificate (default: tls)')
    .option('--identity <user>', 'the sender has been verified as this user')
    .option('--lenient', 'mend the known XML faults of published manifests')
    .option('--bodies', 'show bodies, and values out of them')
    .option('--json', 'print JSON for scripts')
    .action(async (file: string, options: TraceSettings) => {
      const trial = await traceScript(file, options);
      if (options.json === true) output.json(trial);
      else printTrial(file, trial, output);
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
