/** Options first, then questions, then defaults: what a new server is to be. */
import { CliErrors } from '../errors.ts';
import { knownPlugins } from '../plugins/known-plugins.ts';
import { PRESETS, PRESET_NAMES, presetNamed } from '../plugins/presets.ts';
import type { Preset } from '../plugins/presets.ts';
import { DEFAULT_DOMAIN, databaseFault, domainFault, portFault, readListener, refuse } from './answers.ts';
import type { InitAnswers, InitOptions, Listener } from './answers.ts';
import { choosePlugins } from './choose-plugins.ts';
import { agree, askDatabase, askPlugins, askPreset, question } from './questions.ts';

/** The answers, and what is worth saying about them. */
export interface Gathered {
  readonly answers: InitAnswers;
  readonly remarks: readonly string[];
}

/**
 * @param folder where the server's packages are looked for
 * @param ask whether there is somebody to ask
 * @throws CLI_BAD_OPTION, CLI_UNKNOWN_PLUGIN, CLI_PLUGIN_NEEDS, CLI_CANCELLED
 */
export async function gather(options: InitOptions, folder: string, ask: boolean): Promise<Gathered> {
  const { preset, names } = await purpose(options, folder, ask);
  const domains = await domainsOf(options, ask);
  const suggested = domains[0] === DEFAULT_DOMAIN ? DEFAULT_DOMAIN : `sip.${domains[0] ?? ''}`;
  const fqdn = options.fqdn ?? (ask ? await question("This server's own name in the DNS", suggested, domainFault) : suggested);
  refuse('--fqdn', fqdn, domainFault(fqdn));
  const listen = await listenersOf(options, ask);
  const database = options.database ?? (ask ? await askDatabase() : 'sqlite');
  refuse('--database', database, databaseFault(database));
  const lower = fqdn.toLowerCase();
  const { plugins, remarks } = choosePlugins({ preset, names, fqdn: lower, listen }, await knownPlugins(folder));
  return { answers: { preset, domains, fqdn: lower, listen, database, plugins }, remarks };
}

async function purpose(
  options: InitOptions,
  folder: string,
  ask: boolean,
): Promise<{ preset: Preset | undefined; names: readonly string[] }> {
  const names = options.plugins?.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  const named = options.preset ?? (options.lync === true ? 'im' : undefined) ?? (names === undefined ? undefined : 'custom');
  if (named !== undefined && !PRESET_NAMES.includes(named)) refuse('--preset', named, PRESET_NAMES.join(', '));
  const chosen = named ?? (ask ? await askPreset() : 'im');
  const preset = presetNamed(chosen);
  if (preset !== undefined || names !== undefined) return { preset, names: names ?? [] };
  if (!ask) throw CliErrors.CLI_BAD_OPTION({ option: '--plugins', value: '', allowed: 'names of plugins for --preset custom' });
  return { preset, names: await askPlugins(await knownPlugins(folder), PRESETS.sip.plugins) };
}

async function domainsOf(options: InitOptions, ask: boolean): Promise<readonly string[]> {
  const domains = options.domain ?? [
    ask ? await question('SIP domain, the part of addresses after the @', DEFAULT_DOMAIN, domainFault) : DEFAULT_DOMAIN,
  ];
  for (const domain of domains) refuse('--domain', domain, domainFault(domain));
  return domains.map((domain) => domain.toLowerCase());
}

async function listenersOf(options: InitOptions, ask: boolean): Promise<readonly Listener[]> {
  if (options.listen !== undefined) return options.listen.map(readListener);
  const plain = options.tlsOnly === true ? false : !ask || (await agree('Serve clients without TLS too (UDP and TCP)?'));
  const port = options.port ?? (ask && plain ? await question('Port for UDP and TCP', '5060', portFault) : '5060');
  const tlsPort = options.tlsPort ?? (ask ? await question('Port for TLS', '5061', portFault) : '5061');
  refuse('--port', port, portFault(port));
  refuse('--tls-port', tlsPort, portFault(tlsPort));
  const open: readonly Listener[] = [
    { transport: 'udp', port: Number(port) },
    { transport: 'tcp', port: Number(port) },
  ];
  return [...(plain ? open : []), { transport: 'tls', port: Number(tlsPort) }];
}
