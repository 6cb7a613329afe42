/** `parley script trace`: one script in front of one captured message, line by line. */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { declaredTables, hint, readCapture, tryScript } from '@parley/core';
import type { FileSource, FlatFileDeclaration, SipRequest, SipResponse, Trial, TrialEndpoint } from '@parley/core';
import { CliErrors } from './errors.ts';
import { readBytes, readText } from './input.ts';
import type { Output } from './output.ts';
import { fit, traceLines } from './trace-text.ts';

/** What was given on the command line. */
export interface TraceSettings {
  readonly message: string;
  readonly response?: string;
  readonly user?: readonly string[];
  readonly domain?: readonly string[];
  readonly fqdn?: string;
  readonly table?: readonly string[];
  readonly fromFlow?: string;
  readonly identity?: string;
  readonly lenient?: boolean;
  readonly bodies?: boolean;
  readonly json?: boolean;
}

const TRANSPORTS = ['UDP', 'TCP', 'TLS', 'WS', 'WSS'] as const;

/** Runs the script. Throws CLI_UNREADABLE, CLI_BAD_OPTION, HOST_CAPTURE, HOST_SCRIPTS_UNFIT. */
export async function traceScript(file: string, settings: TraceSettings): Promise<Trial> {
  const path = resolve(file);
  const text = await readText(path);
  const request = await readMessage(settings.message);
  if (!request.isRequest)
    throw CliErrors.CLI_BAD_OPTION({ option: '--message', value: settings.message, allowed: 'a file with a request' });
  const response = settings.response === undefined ? undefined : await readMessage(settings.response);
  if (response?.isRequest === true) {
    throw CliErrors.CLI_BAD_OPTION({ option: '--response', value: settings.response ?? '', allowed: 'a file with a response' });
  }
  const domains = (settings.domain ?? hostsOf(request)).map((domain) => domain.toLowerCase());
  const { transport, tlsPeer } = readFlow(settings.fromFlow ?? 'tls');
  return tryScript(text, path, {
    request,
    response,
    fqdn: (settings.fqdn ?? domains[0] ?? 'server.invalid').toLowerCase(),
    domains,
    users: readUsers(settings.user ?? [], domains[0] ?? ''),
    transport,
    tlsPeer,
    identity: settings.identity?.replace(/^sips?:/i, ''),
    lenient: settings.lenient === true,
    files:
      settings.table === undefined ? undefined : replacingTables(settings.table, declaredTables(text, path, settings.lenient === true)),
    bodies: settings.bodies === true,
  });
}

/** Prints what happened: the message, each line with what it found and did, and how it ended. */
export function printTrial(file: string, trial: Trial, output: Output): void {
  for (const remark of trial.remarks) output.print(remark);
  const { colour, width } = output;
  for (const event of trial.events) for (const line of traceLines(event, { colour, width })) output.print(line);
  output.print('');
  output.print(fit(`${basename(file)}: ${resultText(trial)}`, width));
}

function resultText({ sent, answered, returned }: Trial): string {
  if (returned !== undefined) return returned ? 'the response goes back to the caller' : 'the response is kept from the caller';
  if (answered.length > 0) return `answered ${answered.join(', ')}`;
  if (sent.length > 0) return `the request goes on to ${sent.join(' and ')}`;
  return 'the request is with the handler that it was dispatched to';
}

async function readMessage(file: string): Promise<SipRequest | SipResponse> {
  return readCapture(await readBytes(file), file);
}

/** What the message itself says: the domains of both sides, as if both were served here. */
function hostsOf(request: SipRequest): string[] {
  return [...new Set([request.requestUri.host, request.to.uri.host, request.from.uri.host].filter((host) => host !== ''))];
}

/** `tls`, `tcp`, `tls:gateway.example.com`. */
function readFlow(value: string): { transport: (typeof TRANSPORTS)[number]; tlsPeer: string } {
  const [name = '', ...peer] = value.split(':');
  const transport = TRANSPORTS.find((one) => one === name.toUpperCase());
  if (transport !== undefined) return { transport, tlsPeer: peer.join(':') };
  throw CliErrors.CLI_BAD_OPTION({
    option: '--from-flow',
    value,
    allowed: 'udp, tcp, tls, ws or wss, or tls:NAME with a certificate’s name',
  });
}

/** What stands behind `=` for a user who is registered nowhere. */
const OFFLINE = 'offline';

/**
 * `bob`, `bob=sip:192.0.2.7:5061`, `bob@example.com=sip:... epid=e1 methods=INVITE,MESSAGE`, `bob=offline`; a user named twice has two
 * endpoints, and one without a contact has one at an address that nobody has.
 */
function readUsers(given: readonly string[], domain: string): Map<string, TrialEndpoint[]> {
  const users = new Map<string, TrialEndpoint[]>();
  for (const value of given) {
    const { name = '', endpoint } = /^(?<name>[^=\s]+)(?:=(?<endpoint>.+))?$/s.exec(value)?.groups ?? {};
    const aor = (name.includes('@') ? name : `${name}@${domain}`).toLowerCase();
    const endpoints = users.get(aor) ?? [];
    users.set(aor, endpoints);
    if (name === '') throw CliErrors.CLI_BAD_OPTION({ option: '--user', value, allowed: 'a user, or USER=CONTACT' });
    if (endpoint === OFFLINE) continue;
    const [user = ''] = aor.split('@');
    endpoints.push(endpoint === undefined ? { contact: somewhere(user, users.size) } : readEndpoint(endpoint, value));
  }
  return users;
}

/** In the range for examples, RFC 5737. */
function somewhere(user: string, number: number): string {
  return `sip:${user}@192.0.2.${(number % 200) + 20}:5061;transport=tls`;
}

function readEndpoint(text: string, value: string): TrialEndpoint {
  const [contact = '', ...more] = text.trim().split(/\s+/);
  const extras = new Map(more.map((part) => part.split('=') as [string, string]));
  if (!/^sips?:/i.test(contact) || [...extras.keys()].some((key) => key !== 'epid' && key !== 'methods')) {
    throw CliErrors.CLI_BAD_OPTION({
      option: '--user',
      value,
      allowed: '"bob=sip:192.0.2.7:5061;transport=tls epid=e1 methods=INVITE,MESSAGE"',
    });
  }
  const [epid, methods] = [extras.get('epid'), extras.get('methods')];
  return { contact, ...(epid === undefined ? {} : { epid }), ...(methods === undefined ? {} : { methods: methods.split(',') }) };
}

/** Other tables than those beside the manifest: `acl.csv=/tmp/new-acl.csv`, by the name or the file name that the manifest gives. */
function replacingTables(given: readonly string[], declared: readonly FlatFileDeclaration[]): FileSource {
  const paths = new Map(given.map((value) => replacingTable(value, declared)));
  return {
    read: (path) => readFileSync(paths.get(basename(path)) ?? path, 'utf8'),
    watch: () => () => undefined,
  };
}

function replacingTable(value: string, declared: readonly FlatFileDeclaration[]): readonly [file: string, replacement: string] {
  const at = value.indexOf('=');
  if (at <= 0) throw CliErrors.CLI_BAD_OPTION({ option: '--table', value, allowed: 'NAME=FILE, such as acl.csv=new-acl.csv' });
  const wanted = value.slice(0, at);
  const tables = declared.map(({ name, path }) => ({ name, file: basename(path.replaceAll('\\', '/')) }));
  const meant = tables.find(({ name, file }) => name === wanted || file === wanted);
  if (meant !== undefined) return [meant.file, resolve(value.slice(at + 1))];
  const known = tables.map(({ name, file }) => `${name} (${file})`).join(', ');
  const near = hint(
    wanted,
    tables.flatMap(({ name, file }) => [name, file]),
  );
  const allowed = tables.length === 0 ? 'no table: the script has none' : `a table of the script, by its name or its file: ${known}${near}`;
  throw CliErrors.CLI_BAD_OPTION({ option: '--table', value, allowed });
}
