/** linphonec (Debian package linphone-cli), driven over its standard input. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '../program.ts';
import { PASSWORD, eventually } from '../server.ts';
import type { Phone, PhoneOptions } from './phone.ts';
import { readSamples, writeTone } from './tone.ts';

/** Starts a linphonec that uses `port` for SIP and the ones from `port + 100` for media. */
export function startLinphone(options: PhoneOptions, port: number): Phone {
  return new Linphone(options, port);
}

class Linphone implements Phone {
  readonly #folder: string;
  readonly #recording: string;
  readonly #program: Program;
  readonly #address: string;
  readonly #contact: string;
  /** Events of earlier calls lie before this place in the output. */
  #from = 0;

  constructor(options: PhoneOptions, port: number) {
    this.#folder = mkdtempSync(join(tmpdir(), 'parley-linphone-'));
    this.#recording = join(this.#folder, 'heard.wav');
    const tone = join(this.#folder, 'tone.wav');
    writeTone(tone, options.toneHz);
    mkdirSync(join(this.#folder, '.local/share/linphone'), { recursive: true }); // it crashes at the first message without
    const { server, user, transport } = options;
    this.#address = `${user}@${server.domain}`;
    this.#contact = options.contact;
    // It verifies names, not addresses, in certificates.
    const at = transport === 'tls' ? `localhost:${server.tls.port}` : `127.0.0.1:${server.udp.port}`;
    const proxy = `<sip:${at};transport=${transport}>`;
    const file = join(this.#folder, 'linphonerc');
    writeFileSync(
      file,
      [
        '[sip]',
        'default_proxy=0',
        'guess_hostname=0',
        `sip_port=${port}`,
        `sip_tcp_port=${port}`,
        'sip_tls_port=-1', // any: as a client it needs none
        'inc_timeout=60',
        'use_ipv6=0',
        `root_ca=${server.authority.caFile}`,
        'verify_server_certs=1',
        'verify_server_cn=1',
        '[net]',
        'mtu=0',
        'firewall_policy=0',
        '[rtp]',
        `audio_rtp_port=${port + 100}`,
        '[video]',
        'enabled=0',
        '[proxy_0]',
        `reg_proxy=${proxy}`,
        `reg_route=${proxy}`,
        `reg_identity=sip:${this.#address}`,
        'reg_expires=600',
        'reg_sendregister=1',
        'publish=0',
        '[auth_info_0]',
        `username=${user}`,
        `passwd=${PASSWORD}`,
        `realm=${server.domain}`,
        '',
      ].join('\n'),
    );
    this.#program = new Program('linphonec', ['-c', file, ...(options.answers ? ['-a'] : [])], {
      cwd: this.#folder,
      env: { ...process.env, HOME: this.#folder },
    });
    this.#command('soundcard use files');
    this.#command(`play ${tone}`);
    this.#command(`record ${this.#recording}`);
  }

  get output(): string {
    return this.#program.output;
  }

  async registered(): Promise<void> {
    await eventually(
      `${this.#address} (linphone) being registered`,
      () => {
        this.#command('status register');
        return /registered, identity=/.test(this.output.replaceAll('unregistered', ''));
      },
      20_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}:\n${this.output}`);
    });
  }

  call(address: string): void {
    this.expectCall();
    this.#command(`call sip:${address}`);
  }

  expectCall(): void {
    this.#from = this.output.length;
  }

  answer(): void {
    this.#command('answer');
  }

  hangUp(): void {
    this.#command('terminate');
  }

  message(text: string): void {
    this.#command(`chat sip:${this.#contact} ${text}`);
  }

  async ringing(): Promise<void> {
    await this.#sees(/Receiving new incoming call from/);
  }

  async established(): Promise<void> {
    await this.#sees(/Media streams established/);
  }

  async ended(): Promise<void> {
    await this.#sees(/Call \d+ with \S+ (ended|error)/);
  }

  async received(text: string): Promise<void> {
    await eventually(`linphone printing "${text}"`, () => new RegExp(`Message received from .*: ${text}`).test(this.output));
  }

  heard(): Int16Array {
    return existsSync(this.#recording) ? readSamples(this.#recording) : new Int16Array(0);
  }

  async stop(): Promise<void> {
    this.#command('quit');
    await this.#program.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #sees(pattern: RegExp): Promise<void> {
    await eventually(
      `${this.#address} (linphone) printing ${pattern}:\n${this.output}`,
      () => pattern.test(this.output.slice(this.#from)),
      15_000,
    );
  }

  #command(text: string): void {
    this.#program.write(`${text}\n`);
  }
}
