/** An MIT KDC of the test's own (Debian packages krb5-kdc, krb5-admin-server, krb5-user): a folder, a port, gone afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, missing, run } from '../program.ts';
import { eventually, freePort } from '../server.ts';

/** What has to be installed, as a reason to skip; undefined when all is there. */
export const kdcMissing = (): string | undefined =>
  missing({ krb5kdc: 'krb5-kdc', 'kadmin.local': 'krb5-admin-server', kdb5_util: 'krb5-kdc', kinit: 'krb5-user' });

/** The types that keys are made of, and tickets with them, as MIT writes them. */
export const AES_SHA1 = ['aes256-cts-hmac-sha1-96', 'aes128-cts-hmac-sha1-96'] as const;

/** What differs from the usual KDC. */
export interface KdcOptions {
  /** Default EXAMPLE.TEST. */
  readonly realm?: string;
  /** Default AES_SHA1. */
  readonly enctypes?: readonly string[];
  /** Life of tickets; default ten hours. As `krb5.conf` writes it. */
  readonly ticketLife?: string;
}

/** A KDC that runs. Stop it in an `afterAll`. */
export class Kdc {
  readonly realm: string;
  readonly folder: string;
  /** For programs that ask it for tickets. */
  readonly env: NodeJS.ProcessEnv;
  readonly #program: Program;

  private constructor(realm: string, folder: string, env: NodeJS.ProcessEnv, program: Program) {
    this.realm = realm;
    this.folder = folder;
    this.env = env;
    this.#program = program;
  }

  /** Makes a realm without users or services. */
  static async start(options: KdcOptions = {}): Promise<Kdc> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-kdc-'));
    const realm = options.realm ?? 'EXAMPLE.TEST';
    const port = await freePort();
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('krb5.conf'), clientConfig(realm, port, options));
    writeFileSync(at('kdc.conf'), kdcConfig(realm, port, folder, options));
    const env = {
      ...process.env,
      KRB5_CONFIG: at('krb5.conf'),
      KRB5_KDC_PROFILE: at('kdc.conf'),
      KRB5CCNAME: `FILE:${at('tickets')}`,
      PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`,
    };
    await must('kdb5_util', ['create', '-s', '-r', realm, '-P', 'master'], env);
    const program = new Program('krb5kdc', ['-n', '-P', at('kdc.pid')], { env, cwd: folder });
    await eventually('the KDC accepts connections', () => accepts(port));
    return new Kdc(realm, folder, env, program);
  }

  /** Adds a user with a password. */
  async addUser(name: string, password: string): Promise<void> {
    await this.admin(`addprinc -pw ${password} ${name}`);
  }

  /** Adds services with random keys, and writes these into a new keytab. @returns its path */
  async keytab(name: string, services: readonly string[]): Promise<string> {
    const file = join(this.folder, name);
    for (const service of services) await this.admin(`addprinc -randkey ${service}`);
    await this.admin(`ktadd -k ${file} ${services.join(' ')}`);
    return file;
  }

  /** Gives a service new keys, of the next version, and writes these alone into a new keytab. @returns its path */
  async newKeys(name: string, service: string): Promise<string> {
    const file = join(this.folder, name);
    await this.admin(`ktadd -k ${file} ${service}`);
    return file;
  }

  /** Gets a ticket-granting ticket into this KDC's ticket file. */
  async signIn(user: string, password: string): Promise<void> {
    const { code, output } = await run('kinit', [user], { env: this.env, input: `${password}\n` });
    if (code !== 0) throw new Error(`kinit ${user} failed:\n${output}`);
  }

  /** One query of kadmin.local. */
  async admin(query: string): Promise<string> {
    return must('kadmin.local', ['-r', this.realm, '-q', query], this.env);
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** No look-ups in the DNS: a test must not ask anybody outside. */
function clientConfig(realm: string, port: number, { enctypes = AES_SHA1, ticketLife = '10h' }: KdcOptions): string {
  const domain = realm.toLowerCase();
  return `[libdefaults]
 default_realm = ${realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
 ticket_lifetime = ${ticketLife}
 allow_weak_crypto = true
 allow_rc4 = true
 permitted_enctypes = ${enctypes.join(' ')}
 default_tgs_enctypes = ${enctypes.join(' ')}
 default_tkt_enctypes = ${enctypes.join(' ')}
[realms]
 ${realm} = {
  kdc = 127.0.0.1:${port}
 }
[domain_realm]
 .${domain} = ${realm}
 ${domain} = ${realm}
`;
}

function kdcConfig(realm: string, port: number, folder: string, { enctypes = AES_SHA1 }: KdcOptions): string {
  return `[kdcdefaults]
 kdc_listen = 127.0.0.1:${port}
 kdc_tcp_listen = 127.0.0.1:${port}
[realms]
 ${realm} = {
  database_name = ${folder}/principal
  key_stash_file = ${folder}/stash
  acl_file = ${folder}/acl
  master_key_type = aes256-cts
  supported_enctypes = ${enctypes.map((enctype) => `${enctype}:normal`).join(' ')}
 }
[logging]
 kdc = FILE:${folder}/kdc.log
`;
}

async function must(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { code, output } = await run(command, args, { env });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed (${code}):\n${output}`);
  return output;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
