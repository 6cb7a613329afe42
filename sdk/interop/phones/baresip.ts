/** baresip (Debian package baresip-core), driven over its standard input. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '../program.ts';
import { PASSWORD, eventually } from '../server.ts';
import type { Phone, PhoneOptions } from './phone.ts';
import { readSamples, writeTone } from './tone.ts';

const MODULES = 'module_path /usr/lib/baresip/modules';

/** Starts a baresip that listens on `port` and the one above (TLS), with media ports of its own. */
export function startBaresip(options: PhoneOptions, port: number): Phone {
  return new Baresip(options, port);
}

class Baresip implements Phone {
  readonly #folder: string;
  readonly #recordings: string;
  readonly #program: Program;
  readonly #address: string;
  /** Events of earlier calls lie before this place in the output. */
  #from = 0;

  constructor(options: PhoneOptions, port: number) {
    this.#folder = mkdtempSync(join(tmpdir(), 'parley-baresip-'));
    this.#recordings = join(this.#folder, 'recordings');
    mkdirSync(this.#recordings);
    const { server, user, transport } = options;
    this.#address = `${user}@${server.domain}`;
    const tone = join(this.#folder, 'tone.wav');
    writeTone(tone, options.toneHz);
    const at = transport === 'tls' ? server.tls : server.udp;
    const config = [
      `sip_listen 127.0.0.1:${port}`,
      'sip_verify_server yes',
      `sip_cafile ${server.authority.caFile}`,
      'net_interface 127.0.0.1',
      'dns_server 127.0.0.1:9', // nobody: addresses only
      `audio_source aufile,${tone}`,
      'audio_player aufile,unused.wav',
      'audio_alert aufile,unused.wav',
      'ausrc_srate 8000',
      'auplay_srate 8000',
      'ausrc_channels 1',
      'auplay_channels 1',
      `rtp_ports ${port + 100}-${port + 198}`,
      'call_local_timeout 60',
      `snd_path ${this.#recordings}`,
      MODULES,
      ...['stdio', 'g711', 'aufile', 'sndfile'].map((name) => `module ${name}.so`),
      'module_tmp uuid.so',
      'module_tmp account.so',
      'module_app menu.so',
      'module_app contact.so',
    ];
    writeFileSync(join(this.#folder, 'config'), `${config.join('\n')}\n`);
    const outbound = `sip:${at.host}:${at.port};transport=${transport}`;
    const mode = options.answers ? 'auto' : 'manual';
    writeFileSync(
      join(this.#folder, 'accounts'),
      `<sip:${this.#address};transport=${transport}>;auth_pass=${PASSWORD};outbound="${outbound}";regint=600;answermode=${mode};audio_codecs=PCMU\n`,
    );
    writeFileSync(join(this.#folder, 'contacts'), `"Contact" <sip:${options.contact}>\n`);
    this.#program = new Program('baresip', ['-f', this.#folder], { cwd: this.#folder });
  }

  get output(): string {
    return this.#program.output;
  }

  async registered(): Promise<void> {
    await this.#program.seen(/useragents? registered successfully/);
  }

  call(address: string): void {
    this.expectCall();
    this.#command(`dial sip:${address}`);
  }

  expectCall(): void {
    this.#from = this.output.length;
  }

  answer(): void {
    this.#command('accept');
  }

  hangUp(): void {
    this.#command('hangup');
  }

  message(text: string): void {
    this.#command('contact_next');
    this.#command(`message ${text}`);
  }

  async ringing(): Promise<void> {
    await this.#sees(/Incoming call from|incoming call/i);
  }

  async established(): Promise<void> {
    await this.#sees(/Call established/);
  }

  async ended(): Promise<void> {
    await this.#sees(/session closed|terminated \(duration|Missed call|call: terminate/i);
  }

  async received(text: string): Promise<void> {
    await eventually(`baresip printing "${text}"`, () => this.output.includes(`"${text}"`));
  }

  heard(): Int16Array {
    const last = readdirSync(this.#recordings)
      .filter((name) => name.endsWith('-dec.wav'))
      .sort()
      .at(-1);
    return last === undefined ? new Int16Array(0) : readSamples(join(this.#recordings, last));
  }

  async stop(): Promise<void> {
    this.#command('quit');
    await this.#program.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #sees(pattern: RegExp): Promise<void> {
    await eventually(
      `${this.#address} (baresip) printing ${pattern}:\n${this.output}`,
      () => pattern.test(this.output.slice(this.#from)),
      15_000,
    );
  }

  #command(text: string): void {
    this.#program.write(`/${text}\n`);
  }
}
