/** Whole sign-ins a second by each mechanism, what 10,000 signed-in clients cost, and the price of verifying and signing one message. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { COMMAND } from './parley.ts';
import { accepts, cpuOf, freePort, memoryOf, ownGroup, pause, startServer } from './process.ts';
import type { ServerProcess } from './process.ts';
import { DOMAIN, FQDN, aorOf, contactsOf } from './sign-in/plan.ts';
import type { FillPlan, LoadPlan, LoadReport, SignInScheme } from './sign-in/plan.ts';
import type { Certificate } from './subject.ts';

const FOLDER = join(import.meta.dirname, 'sign-in');
const USERS = 400;
const AT_ONCE = 16;

/** What a case needs. */
export interface SignInBench {
  readonly folder: string;
  readonly serverCore: number;
  readonly loadCore: number;
  readonly certificate: Certificate;
  readonly quick: boolean;
  /** Options for the server's own Node. */
  readonly nodeOptions: readonly string[];
  readonly note: (text: string) => void;
}

/** Lines for people, and figures by name. */
export interface SignInReport {
  readonly lines: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Every case by its name. */
export const SIGN_IN_CASES: Readonly<Record<string, (bench: SignInBench) => Promise<SignInReport>>> = {
  'sign-in-ntlm': (bench) => rate(bench, 'ntlm', 250),
  'sign-in-tls-dsk': (bench) => rate(bench, 'tls-dsk', 100),
  'sign-in-kerberos': (bench) => rate(bench, 'kerberos', 200),
  'sign-in-contacts': withContacts,
  'sign-in-idle': idle,
  'sign-in-message': message,
};

/** Sign-ins one after the other on 400 TLS connections that are there already, 16 under way at any time. */
async function rate(bench: SignInBench, scheme: SignInScheme, wanted: number): Promise<SignInReport> {
  const stage = await Stage.start(bench, scheme, USERS);
  try {
    const report = await stage.load({ scheme, users: USERS, mode: 'rate', seconds: bench.quick ? 3 : 10 });
    const perSecond = report.completed / report.seconds;
    const failures = report.failed === 0 ? '' : `, ${report.failed} failed: ${report.reason}`;
    const line =
      `${scheme}: ${perSecond.toFixed(0)} sign-ins/s (wanted ${wanted}), p50 ${report.p50.toFixed(1)} ms, p99 ${report.p99.toFixed(1)} ms, ` +
      `${AT_ONCE} at once; the load process used ${(report.load * 100).toFixed(0)} % of its core${failures}`;
    return { lines: [line], figures: { [`sign-in-${scheme}`]: perSecond, [`sign-in-${scheme}-p99`]: report.p99 } };
  } finally {
    await stage.stop();
  }
}

/** What a sign-in with a hundred contacts costs the server, its batch subscription among it: its core is busy all the time, so that the time between two is what one takes. */
async function withContacts(bench: SignInBench): Promise<SignInReport> {
  const contacts = 100;
  const stage = await Stage.start(bench, 'ntlm', USERS, 'contacts');
  try {
    stage.importContacts(contacts);
    const plan = { scheme: 'ntlm', users: USERS, mode: 'rate', seconds: bench.quick ? 3 : 10, contacts } as const;
    const report = await stage.load(plan);
    if (report.failed > 0) throw new Error(`${report.failed} sign-ins failed: ${report.reason}`);
    const ms = (1000 * report.seconds) / report.completed;
    const line =
      `with ${contacts} contacts, by NTLM: ${ms.toFixed(1)} ms of the server for a sign-in (wanted 20), one batch subscription among it; ` +
      `the load process used ${(report.load * 100).toFixed(0)} % of its core`;
    return { lines: [line], figures: { 'sign-in-contacts-ms': ms } };
  } finally {
    await stage.stop();
  }
}

/** Memory of the whole server and its share of a core while signed-in TLS clients only ping, each every 30 seconds. */
async function idle(bench: SignInBench): Promise<SignInReport> {
  const users = bench.quick ? 1000 : 10_000;
  const stage = await Stage.start(bench, 'ntlm', users);
  try {
    const before = stage.memory();
    const report = await stage.load({ scheme: 'ntlm', users, mode: 'hold', seconds: 0 });
    if (report.completed < users) throw new Error(`${report.completed} of ${users} clients signed in: ${report.reason}`);
    await pause(bench.quick ? 5000 : 30_000);
    const cpu = stage.cpu();
    const seconds = bench.quick ? 10 : 60;
    await pause(seconds * 1000);
    const part = (stage.cpu() - cpu) / seconds;
    const bytes = stage.memory();
    const line =
      `${users} signed-in idle TLS clients: ${(bytes / 1e6).toFixed(0)} MB in all (${(before / 1e6).toFixed(0)} MB without them, ` +
      `${((bytes - before) / users / 1000).toFixed(1)} kB each), ${(part * 100).toFixed(1)} % of a core with a keep-alive every 30 s`;
    return { lines: [line], figures: { 'sign-in-idle-bytes': bytes, 'sign-in-idle-clients': users, 'sign-in-idle-core': part } };
  } finally {
    await stage.stop();
  }
}

/** Runs on the server's core without a server. */
async function message(bench: SignInBench): Promise<SignInReport> {
  const child = run(bench.serverCore, 'message.ts', [bench.quick ? '5000' : '50000']);
  const figures = (await firstLine(child)) as Readonly<Record<string, number>>;
  const lines = Object.entries(figures).map(
    ([scheme, micros]) => `${scheme}: ${micros.toFixed(1)} µs to verify and sign one message (wanted 60)`,
  );
  return { lines, figures: Object.fromEntries(Object.entries(figures).map(([scheme, micros]) => [`sign-in-message-${scheme}`, micros])) };
}

/** What clients sign in with: the parts for the server's plugin and for the load process. */
interface Secrets {
  readonly fill: Pick<FillPlan, 'csr' | 'certificates'>;
  readonly load: Pick<LoadPlan, 'key' | 'certificates' | 'keytab'>;
}
const NO_SECRETS: Secrets = { fill: {}, load: {} };

/** A server that is filled with users, and what is needed to load it. */
class Stage {
  private child: ChildProcess | undefined;
  private readonly bench: SignInBench;
  private readonly server: ServerProcess;
  private readonly port: number;
  private readonly folder: string;
  private readonly secrets: Secrets['load'];

  private constructor(bench: SignInBench, server: ServerProcess, port: number, folder: string, secrets: Secrets['load']) {
    this.bench = bench;
    this.server = server;
    this.port = port;
    this.folder = folder;
    this.secrets = secrets;
  }

  static async start(bench: SignInBench, scheme: SignInScheme, users: number, name: string = scheme): Promise<Stage> {
    const folder = join(bench.folder, `sign-in-${name}-${users}`);
    mkdirSync(folder);
    const port = await freePort();
    const secrets = scheme === 'tls-dsk' ? requestFor(folder) : NO_SECRETS;
    const keytab = join(folder, 'bench.keytab');
    await firstLine(run(bench.loadCore, 'keytab.ts', [keytab]));
    const fill: FillPlan = { users, ...secrets.fill };
    const file = join(folder, 'parley.config.json');
    writeFileSync(file, JSON.stringify(configuration(folder, port, bench.certificate, keytab, fill), undefined, 2));
    bench.note(`${scheme}: starting a server with ${users} users`);
    const server = await startServer(process.execPath, [...bench.nodeOptions, COMMAND, 'start', '--config', file], {
      core: bench.serverCore,
      cwd: folder,
      env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
      ready: () => accepts(port),
      timeoutMs: 300_000,
    });
    return new Stage(bench, server, port, folder, { ...secrets.load, keytab });
  }

  /** One report of the load process, which goes on if the plan says so. */
  async load(plan: Pick<LoadPlan, 'scheme' | 'users' | 'mode' | 'seconds'> & Partial<LoadPlan>): Promise<LoadReport> {
    const whole: LoadPlan = { contacts: 0, ...plan, port: this.port, atOnce: AT_ONCE, ...this.secrets };
    this.child = run(this.bench.loadCore, 'load.ts', [JSON.stringify(whole)]);
    try {
      return (await firstLine(this.child)) as LoadReport;
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.server.log()}`, { cause: error });
    }
  }

  /** Gives everybody a contact list, as an administrator does. */
  importContacts(count: number): void {
    const file = join(this.folder, 'contacts.csv');
    const lines = Array.from({ length: USERS }, (_, user) =>
      contactsOf(user, count, USERS).map((contact) => `${aorOf(user)},sip:${aorOf(contact)},,,true`),
    );
    writeFileSync(file, ['owner,uri,name,groups,subscribed', ...lines.flat()].join('\n'));
    const args = [COMMAND, 'contacts', 'import', file, '--config', join(this.folder, 'parley.config.json')];
    execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  /** CPU seconds of the server so far. */
  cpu(): number {
    return cpuOf(this.server.pids());
  }

  /** Bytes of the server. */
  memory(): number {
    return memoryOf(this.server.pids());
  }

  async stop(): Promise<void> {
    this.child?.kill();
    await this.server.stop();
  }
}

function configuration(folder: string, tlsPort: number, certificate: Certificate, keytab: string, fill: FillPlan): object {
  const host = '127.0.0.1';
  return {
    domains: [DOMAIN],
    fqdn: FQDN,
    dataDir: join(folder, 'data'),
    listen: [{ transport: 'tls', host, port: tlsPort, advertise: host, tls: { ...certificate } }],
    log: { level: 'warn' },
    limits: { connections: 20_000, connectionsPerAddress: 20_000, halfOpenConnections: 20_000 },
    plugins: {
      directory: {},
      pki: {},
      registrar: {},
      routing: {},
      provisioning: {},
      contacts: {},
      presence: {},
      diagnostics: {},
      'auth-ntlm': {},
      'auth-kerberos': { keytab },
      'auth-tls-dsk': { stsUri: `https://${FQDN}/CertProv/CertProvisioningService.svc` },
      [join(FOLDER, 'fill-plugin.ts')]: fill,
    },
  };
}

/** A key for all clients, 2048 bits as theirs, and a request for it. */
function requestFor(folder: string): Secrets {
  const keyFile = join(folder, 'client.key');
  const requestFile = join(folder, 'client.csr');
  const args = [
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    keyFile,
    '-outform',
    'DER',
    '-out',
    requestFile,
    '-subj',
    '/CN=bench',
  ];
  execFileSync('openssl', args, { stdio: 'ignore' });
  const certificates = join(folder, 'certificates.json');
  const csr = readFileSync(requestFile).toString('base64');
  return { fill: { csr, certificates }, load: { key: readFileSync(keyFile, 'utf8'), certificates } };
}

function run(core: number, file: string, args: readonly string[]): ChildProcess {
  return runModule(core, join('sign-in', file), args);
}

/** Runs a module of the benchmark that uses the project's sources. @param file relative to this folder */
export function runModule(core: number, file: string, args: readonly string[]): ChildProcess {
  const runner = join(import.meta.dirname, '../../tools/run-source.mjs');
  const program = [process.execPath, runner, '--built', join(import.meta.dirname, file), ...args];
  const child = spawn('taskset', ['-c', String(core), ...program], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  ownGroup(child);
  return child;
}

/** What the process prints first, as JSON. */
async function firstLine(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new Error('the process has no output');
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as unknown;
  throw new Error('the process ended without a word');
}
