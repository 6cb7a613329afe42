/** `parley init`: asks what the server is for and writes its configuration. Every question is also an option. */
import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { confirm, intro, isCancel, note, outro, text } from '@clack/prompts';
import { CliErrors } from './errors.ts';

/** What the questions or options gave. */
export interface InitAnswers {
  readonly domains: readonly string[];
  readonly fqdn: string;
  readonly port: number;
  readonly tlsPort: number;
  /** Whether TCP and UDP without encryption are offered too. */
  readonly plain: boolean;
  /** Whether clients of the Communicator and Lync family are to sign in. */
  readonly lync: boolean;
}

/** The options of the command; those that are absent are asked for on a terminal. */
export interface InitOptions {
  readonly domain?: readonly string[] | undefined;
  readonly fqdn?: string | undefined;
  readonly port?: string | undefined;
  readonly tlsPort?: string | undefined;
  readonly tlsOnly?: boolean | undefined;
  readonly lync?: boolean | undefined;
  readonly file: string;
  readonly force?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

const DOMAIN = /^(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*$/i;
const DEFAULT_DOMAIN = 'parley.localhost';
const LINE_LENGTH = 100;

/** A plugin of a new configuration: the name of its package behind `@parley/plugin-`, and how it is used there. */
interface Use {
  readonly name: string;
  readonly call: string;
}

const use = (name: string, settings = ''): Use => ({
  name,
  call: `${name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())}(${settings})`,
});

const BASE: readonly Use[] = ['pki', 'directory', 'auth-digest', 'registrar', 'routing', 'options', 'metrics'].map((name) => use(name));
/** What clients of the Communicator family need besides; docs/connect-a-client.md. */
const LYNC: readonly Use[] = [
  'auth-ntlm',
  'auth-tls-dsk',
  'web',
  'web-ticket',
  'autodiscover',
  'provisioning',
  'contacts',
  'presence',
  'diagnostics',
].map((name) => use(name));
/** A client that fetches its first certificate keeps its SIP connection waiting meanwhile. */
const LYNC_LIMITS = '  limits: { unauthenticatedSeconds: 90 },\n';

/** The text of a configuration file. */
export function configText(answers: InitAnswers): string {
  const listen = [
    ...(answers.plain ? [`    { transport: 'udp', port: ${answers.port} },`, `    { transport: 'tcp', port: ${answers.port} },`] : []),
    `    { transport: 'tls', port: ${answers.tlsPort} },`,
  ];
  const uses = answers.lync ? [...BASE, ...LYNC] : BASE;
  const imports = uses.map(({ name, call }) => `import ${call.replace(/\(.*/, '')} from '@parley/plugin-${name}';`).sort(byPackage);
  return `/** A Parley server; docs/configuration.md describes every option, and so does your editor. */
${imports.join('\n')}
import { defineServer } from '@parley/sdk';

export default defineServer({
  domains: [${answers.domains.map((domain) => `'${domain}'`).join(', ')}],
  fqdn: '${answers.fqdn}',
  listen: [
${listen.join('\n')}
  ],
${answers.lync ? LYNC_LIMITS : ''}  plugins: [${pluginList(uses)}],
});
`;
}

function byPackage(a: string, b: string): number {
  const name = (line: string): string => line.slice(line.indexOf("'"));
  return name(a) < name(b) ? -1 : 1;
}

/** On one line as long as it fits. */
function pluginList(uses: readonly Use[]): string {
  const line = uses.map(({ call }) => call).join(', ');
  return line.length <= LINE_LENGTH ? line : `\n${uses.map(({ call }) => `    ${call},\n`).join('')}  `;
}

/** Asks for what the options leave open, writes the file, and says what comes next. Throws CLI_FILE_EXISTS, CLI_BAD_OPTION, CLI_CANCELLED. */
export async function init(options: InitOptions, interactive: boolean, print: (line: string) => void): Promise<void> {
  const file = resolve(options.file);
  if (existsSync(file) && options.force !== true) throw CliErrors.CLI_FILE_EXISTS({ file });
  const ask = interactive && options.yes !== true;
  if (ask) intro('A new Parley server');
  const answers = await gather(options, ask);
  if (ask) {
    note(
      configText(answers)
        .split('\n')
        .filter((line) => !line.startsWith('import '))
        .slice(2, -1)
        .join('\n'),
      file,
    );
    if (!unlessCancelled(await confirm({ message: 'Write this file?' }))) throw CliErrors.CLI_CANCELLED();
  }
  writeFileSync(file, configText(answers));
  const domain = answers.domains[0] ?? DEFAULT_DOMAIN;
  const next = [
    `Written: ${file}`,
    '',
    'Next:',
    '  parley start                                # starts the server',
    `  parley user add sip:alice@${domain}     # in another terminal; asks for a password`,
    '  parley dns                                  # prints the DNS records to publish',
    '  parley doctor                               # checks names, ports and certificates',
    ...(answers.lync
      ? ['', "Clients have to trust the server's certificate: parley pki export-ca. docs/connect-a-client.md has the rest."]
      : []),
  ];
  if (ask) outro('Done');
  for (const line of next) print(line);
}

async function gather(options: InitOptions, ask: boolean): Promise<InitAnswers> {
  const domains = options.domain ?? [
    ask ? await question('SIP domain, the part of addresses after the @', DEFAULT_DOMAIN, domainFault) : DEFAULT_DOMAIN,
  ];
  for (const domain of domains) refuse('--domain', domain, domainFault(domain));
  const suggested = domains[0] === DEFAULT_DOMAIN ? DEFAULT_DOMAIN : `sip.${domains[0] ?? ''}`;
  const fqdn = options.fqdn ?? (ask ? await question("This server's own name in the DNS", suggested, domainFault) : suggested);
  refuse('--fqdn', fqdn, domainFault(fqdn));
  const plain =
    options.tlsOnly === true ? false : !ask || unlessCancelled(await confirm({ message: 'Serve phones without TLS too (UDP and TCP)?' }));
  const lync =
    options.lync === true ||
    (ask && unlessCancelled(await confirm({ message: 'Serve Communicator and Lync clients too?', initialValue: false })));
  const port = options.port ?? (ask && plain ? await question('Port for UDP and TCP', '5060', portFault) : '5060');
  const tlsPort = options.tlsPort ?? (ask ? await question('Port for TLS', '5061', portFault) : '5061');
  refuse('--port', port, portFault(port));
  refuse('--tls-port', tlsPort, portFault(tlsPort));
  return {
    domains: domains.map((domain) => domain.toLowerCase()),
    fqdn: fqdn.toLowerCase(),
    port: Number(port),
    tlsPort: Number(tlsPort),
    plain,
    lync,
  };
}

async function question(message: string, initial: string, fault: (value: string) => string | undefined): Promise<string> {
  const answer = await text({
    message,
    placeholder: initial,
    defaultValue: initial,
    validate: (value) => fault(value === undefined || value === '' ? initial : value),
  });
  return unlessCancelled(answer);
}

function unlessCancelled<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw CliErrors.CLI_CANCELLED();
  return answer as Exclude<T, symbol>;
}

function domainFault(value: string): string | undefined {
  return DOMAIN.test(value) ? undefined : 'a domain name such as example.com';
}

function portFault(value: string): string | undefined {
  const port = Number(value);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? undefined : 'a port from 1 to 65535';
}

function refuse(option: string, value: string, allowed: string | undefined): void {
  if (allowed !== undefined) throw CliErrors.CLI_BAD_OPTION({ option, value, allowed });
}
