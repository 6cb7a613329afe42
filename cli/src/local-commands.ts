/** The commands that this program runs itself. */
import type { ServerConfig } from '@parley/core';
import type { Command } from 'commander';
import { connect } from './admin-command.ts';
import { examine } from './doctor.ts';
import { ownAddresses } from './doctor-names.ts';
import { zoneRecords, zoneText } from './dns-zone.ts';
import { EXIT } from './exit-code.ts';
import { init } from './init.ts';
import { localCommand as command } from './local-command.ts';
import type { Output } from './output.ts';
import { addNewCommands } from './scaffold/new-commands.ts';
import { addPluginCommands } from './plugins/plugin-commands.ts';
import { addScriptCommands } from './script-commands.ts';
import { isLoopbackOnly, publishedAddresses } from './published-addresses.ts';
import { start } from './start.ts';
import { webListener } from './web-config.ts';

type Need = () => ServerConfig;

/** Adds start, init, dns, doctor, script check and plugin. `need` gives the configuration or throws why there is none. */
export function addLocalCommands(program: Command, need: Need, output: Output): void {
  addStart(program, need, output);
  addInit(program, output);
  addDns(program, need, output);
  addDoctor(program, need, output);
  addScriptCommands(program, output);
  addPluginCommands(program, output);
  addNewCommands(program, output);
}

function addStart(program: Command, need: Need, output: Output): void {
  command(program, 'start', 'Starts the server and stays until it is asked to stop', [
    'parley start',
    'parley start --config /etc/parley/parley.config.ts',
  ])
    .option('--quiet', 'no closing screen')
    .action(async (options: { quiet?: boolean }) => {
      await start(need(), output, options.quiet === true);
    });
}

function addInit(program: Command, output: Output): void {
  command(program, 'init', 'Asks what the server is for and writes its configuration', [
    'parley init',
    'parley init --preset im --domain example.com --fqdn uc.example.com',
    'parley init --yes --preset sip --domain example.com --listen udp:5060 tls:5061',
    'parley init --yes --plugins registrar,routing,auth-digest --domain example.com',
    'parley init --tls-only --file /etc/parley/parley.config.ts',
  ])
    .option('--preset <name>', 'what it is for: im (IM and presence), full, sip or custom')
    .option('--plugins <names>', 'plugins, separated by commas; what they need comes too')
    .option('--domain <name...>', 'SIP domains, the first is the default one')
    .option('--fqdn <name>', "the server's own name in the DNS")
    .option('--listen <where...>', 'transports and ports, such as udp:5060 tls:192.0.2.1:5061')
    .option('--port <number>', 'port for UDP and TCP')
    .option('--tls-port <number>', 'port for TLS')
    .option('--tls-only', 'no listeners without encryption')
    .option('--database <where>', 'sqlite, or postgres://user@host:5432/database')
    .option('--lync', 'the same as --preset im')
    .option('--file <path>', 'where to write it', 'parley.config.ts')
    .option('--force', 'overwrite the file')
    .option('--yes', 'ask nothing; what is not given gets its default')
    .action(async (options: Parameters<typeof init>[0]) => {
      await init(options, output.interactive, (line) => output.print(line));
    });
}

function addDns(program: Command, need: Need, output: Output): void {
  command(program, 'dns', 'Prints the DNS records to publish, as a fragment of a zone file', [
    'parley dns',
    'parley dns --address 192.0.2.10 --address 2001:db8::10',
  ])
    .option('--address <ip...>', 'addresses under which the server is reached; those of this machine that are listened on when absent')
    .option('--json', 'print JSON for scripts')
    .action((options: { address?: string[]; json?: boolean }) => {
      const config = need();
      const { domains, fqdn, listen: listeners } = config;
      const web = webListener(config);
      const hosts = [...listeners, ...(web === undefined ? [] : [web]), ...(web?.plain === undefined ? [] : [web.plain])].map(
        ({ host }) => host,
      );
      const found = options.address ?? publishedAddresses(hosts, ownAddresses());
      const unreached = options.address === undefined && isLoopbackOnly(hosts);
      const addresses = found.length > 0 || unreached ? found : ['192.0.2.1'];
      const records = zoneRecords({ domains, fqdn, listeners, web, addresses });
      if (options.json === true) {
        output.json(records);
        return;
      }
      if (unreached)
        output.print(
          '; All listeners are on loopback: no other machine reaches them, so no address is published (or name it with --address).',
        );
      for (const line of zoneText(records)) output.print(line);
    });
}

function addDoctor(program: Command, need: Need, output: Output): void {
  command(
    program,
    'doctor',
    'Tries a start, and checks data folder, clock, ports, certificates and names: what is wrong, and how to mend it',
    ['parley doctor', 'parley doctor --dns-server 192.0.2.53'],
  )
    .option('--dns-server <ip...>', 'ask these name servers instead of the machine’s')
    .option('--json', 'print JSON for scripts')
    .action(async (options: { dnsServer?: string[]; json?: boolean }) => {
      const config = need();
      const client = await connect(config);
      client?.close();
      const findings = await examine(config, client !== undefined, options.dnsServer);
      if (options.json === true) output.json(findings);
      else
        for (const { check, state, found, fix } of findings)
          output.print(`${state.padEnd(4)}  ${check}: ${found}${fix === undefined ? '' : `\n      → ${fix}`}`);
      if (findings.some(({ state }) => state === 'fail')) process.exitCode = EXIT.failed;
    });
}
