/** A started server with presence, and SIP clients on TCP connections to it. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  DEFAULT_LIMITS,
  FakeClock,
  PASS,
  SipRequest,
  SipResponse,
  Transport,
  checkConfig,
  definePlugin,
  openLog,
  parseMessage,
  parseXml,
  startServer,
  temporaryStore,
} from '@parley/sdk';
import type { Host, PluginScope, SipMessage, SqlStore, XmlElement } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { Presence } from '../src/api.ts';
import presence from '../src/plugin.ts';

export const DOMAIN = 'example.test';

export interface Served {
  readonly host: Host;
  readonly clock: FakeClock;
  readonly admin: DirectoryAdmin;
  readonly presence: Presence;
  readonly store: SqlStore;
  readonly udpPort: number;
  /** Connects as a user, with an endpoint of its own, and registers it. */
  readonly endpoint: (user: string, epid?: string) => Promise<Client>;
  /** Connects, and does nothing more. */
  readonly client: (user: string, epid?: string) => Promise<Client>;
}

/** Believes every From, as an authentication plugin would after checking it. */
export async function serving(
  config: z.input<typeof presence.config> = {},
  before: (store: SqlStore, clock: FakeClock) => Promise<void> = () => Promise.resolve(),
): Promise<Served> {
  let transport: Transport | undefined;
  const trusting = definePlugin({
    name: 'trusting',
    summary: 'Believes every From',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    setup(scope: PluginScope) {
      transport = scope.resolve(Transport);
      scope.gate({
        name: 'trusting',
        order: 300,
        check(inbound) {
          inbound.flow.authenticated = true;
          if (inbound.message.isRequest) inbound.identity = { aor: inbound.message.from.uri.userAtHost, mechanism: 'test' };
          return PASS;
        },
      });
    },
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-presence-'));
  const clock = new FakeClock();
  const store = temporaryStore(clock);
  await before(store, clock);
  const checked = await checkConfig({
    domains: [DOMAIN],
    fqdn: `uc.${DOMAIN}`,
    dataDir,
    listen: [
      { transport: 'tcp', host: '127.0.0.1', port: 0 },
      { transport: 'udp', host: '127.0.0.1', port: 0 },
    ],
    plugins: [trusting(), directory(), registrar(), presence(config), routing()],
  });
  const host = await startServer(checked, {
    clock,
    logger: openLog({ level: 'fatal', output: new Writable({ write: (_chunk, _encoding, done) => done() }) }),
    store,
  });
  onTestFinished(async () => {
    const closing = host.close();
    for (let i = 0; i < 5; i++) clock.advance(10_000);
    await closing;
    rmSync(dataDir, { recursive: true, force: true });
  });
  const admin = host.find(DirectoryAdmin) as DirectoryAdmin;
  for (const name of ['alice', 'bob', 'carol']) await admin.addUser({ uri: `sip:${name}@${DOMAIN}`, displayName: `${name} of ${DOMAIN}` });
  const portOf = (name: string): number => transport?.listeners.find((listener) => listener.transport === name)?.address.port ?? 0;
  const port = portOf('TCP');
  const client = (user: string, epid = ''): Promise<Client> => Client.open(port, user, epid);
  return {
    host,
    clock,
    admin,
    store,
    udpPort: portOf('UDP'),
    presence: host.find(Presence) as Presence,
    client,
    endpoint: async (user, epid = `${user.slice(0, 1)}1`) => {
      const made = await client(user, epid);
      await made.register();
      return made;
    },
  };
}

/** A list of a thousand contacts has more than requests may have. */
const LARGE = { ...DEFAULT_LIMITS, maxMessageBytes: 10_000_000, maxBodyBytes: 10_000_000 };

type Headers = Readonly<Record<string, string>>;

/** What a client does of a dialog that it has begun. */
export interface Dialog {
  readonly callId: string;
  readonly fromTag: string;
  readonly toTag: string;
}

/** One endpoint on one connection. */
export class Client {
  /** Requests of the server that nobody has looked at yet. */
  readonly requests: SipRequest[] = [];
  private readonly responses: SipResponse[] = [];
  private waiting: (() => void)[] = [];
  private buffered = Buffer.alloc(0);
  private count = 0;

  private constructor(
    readonly socket: Socket,
    readonly user: string,
    readonly epid: string,
  ) {
    onTestFinished(() => void socket.destroy());
    socket.on('data', (chunk: Buffer) => this.take(chunk));
  }

  static async open(port: number, user: string, epid: string): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Client(socket, user, epid);
  }

  get aor(): string {
    return `${this.user}@${DOMAIN}`;
  }

  /** Sends captured bytes. */
  raw(message: string): void {
    this.socket.write(Buffer.from(message, 'latin1'));
  }

  /** The next response that nobody has looked at. */
  async response(callId?: string): Promise<SipResponse> {
    for (;;) {
      const at = this.responses.findIndex((response) => response.status >= 200 && (callId === undefined || response.callId === callId));
      const [found] = at < 0 ? [] : this.responses.splice(at, 1);
      if (found !== undefined) return found;
      await this.more();
    }
  }

  /** The next request of the server that fits; others are left. */
  async request(fits: (request: SipRequest) => boolean = () => true): Promise<SipRequest> {
    for (;;) {
      const at = this.requests.findIndex(fits);
      const [found] = at < 0 ? [] : this.requests.splice(at, 1);
      if (found !== undefined) return found;
      await this.more();
    }
  }

  /** Sends a request and waits for its final answer. */
  async ask(method: string, to: string, headers: Headers = {}, body = '', dialog?: Partial<Dialog>): Promise<SipResponse> {
    const { callId = `${this.user}-${this.epid}-${++this.count}`, fromTag = `tag-${this.count}`, toTag } = dialog ?? {};
    const cseq = dialog?.toTag === undefined ? 1 : ++this.count + 1;
    const { port } = this.socket.address() as { port: number };
    const lines = [
      `${method} sip:${to} SIP/2.0`,
      `Via: SIP/2.0/TCP 127.0.0.1:${port};branch=z9hG4bK${callId}-${cseq}`,
      `From: <sip:${this.aor}>;tag=${fromTag}${this.epid === '' ? '' : `;epid=${this.epid}`}`,
      `To: <sip:${method === 'REGISTER' ? this.aor : to}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      'Max-Forwards: 70',
      `Contact: <sip:127.0.0.1:${port};transport=tcp>${headers['contact-more'] ?? ''}`,
      ...Object.entries(headers)
        .filter(([name]) => name !== 'contact-more')
        .map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    this.socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    return this.response(callId);
  }

  /** Registers; throws when that is refused. */
  async register(): Promise<void> {
    const answer = await this.ask('REGISTER', DOMAIN);
    if (answer.status !== 200) throw new Error(answer.toString());
  }

  /** Publishes; content by category. */
  publish(publications: string): Promise<SipResponse> {
    const body = `<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="sip:${this.aor}">${publications}</publications></publish>`;
    return this.ask('SERVICE', this.aor, { 'Content-Type': 'application/msrtc-category-publish+xml' }, body);
  }

  setMembers(containers: string): Promise<SipResponse> {
    const body = `<setContainerMembers xmlns="http://schemas.microsoft.com/2006/09/sip/container-management">${containers}</setContainerMembers>`;
    return this.ask('SERVICE', this.aor, { 'Content-Type': 'application/msrtc-setcontainermembers+xml' }, body);
  }

  /** Subscribes to the own user's data. */
  roamingSelf(more: Headers = {}): Promise<SipResponse> {
    const body =
      '<roamingList xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self"><roaming type="categories"/><roaming type="containers"/><roaming type="subscribers"/></roamingList>';
    return this.ask(
      'SUBSCRIBE',
      this.aor,
      { ...OCS, Event: 'vnd-microsoft-roaming-self', 'Content-Type': 'application/vnd-microsoft-roaming-self+xml', ...more },
      body,
    );
  }

  /** Subscribes to contacts as a list. */
  batch(contacts: readonly string[], more: Headers = {}, dialog?: Partial<Dialog>): Promise<SipResponse> {
    return this.ask(
      'SUBSCRIBE',
      this.aor,
      { ...OCS, Event: 'presence', Require: 'adhoclist, categoryList', 'Content-Type': 'application/msrtc-adrl-categorylist+xml', ...more },
      batchBody(this.aor, contacts),
      dialog,
    );
  }

  private take(chunk: Buffer): void {
    this.buffered = Buffer.concat([this.buffered, chunk]);
    for (;;) {
      const end = this.buffered.indexOf('\r\n\r\n');
      if (end < 0) break;
      const length = Number(/\r\nContent-Length: *(\d+)/i.exec(this.buffered.toString('latin1', 0, end + 2))?.[1] ?? 0);
      if (this.buffered.length < end + 4 + length) break;
      const bytes = this.buffered.subarray(0, end + 4 + length);
      this.buffered = this.buffered.subarray(bytes.length);
      this.deliver(bytes);
    }
  }

  private deliver(bytes: Buffer): void {
    const parsed = parseMessage(Buffer.from(bytes), LARGE);
    if (!parsed.ok) throw parsed.error;
    const { message } = parsed;
    if (message instanceof SipRequest) {
      this.requests.push(message);
      if (message.method === 'NOTIFY') this.socket.write(SipResponse.reply(message, 200).serialize());
    } else this.responses.push(message);
    for (const look of this.waiting.splice(0)) look();
  }

  private more(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

/** What clients of this family say of themselves in a SUBSCRIBE. */
export const OCS: Headers = {
  Supported: 'ms-piggyback-first-notify, ms-benotify, com.microsoft.autoextend',
  'Proxy-Require': 'ms-benotify',
};

/** A batchSub; a contact with a `+` in front is one that is to be told. */
export function batchBody(
  aor: string,
  contacts: readonly string[],
  action = 'subscribe',
  categories = ['calendarData', 'contactCard', 'note', 'state'],
): string {
  const resources = contacts.map((contact) =>
    contact.startsWith('+')
      ? `<resource uri="sip:${contact.slice(1)}@${DOMAIN}"><context/></resource>`
      : `<resource uri="sip:${contact.includes('@') ? contact : `${contact}@${DOMAIN}`}"/>`,
  );
  return `<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="sip:${aor}" name=""><action name="${action}" id="63792024"><adhocList>${resources.join('')}</adhocList><categoryList xmlns="http://schemas.microsoft.com/2006/09/sip/categorylist">${categories.map((name) => `<category name="${name}"/>`).join('')}</categoryList></action></batchSub>`;
}

/** A publication of a state in containers 2 and 3. */
export function statePublication(type: 'machineState' | 'userState', availability: number, version = 0): string {
  const instance = type === 'machineState' ? 806_102_309 : 536_870_912;
  return [2, 3]
    .map(
      (container) =>
        `<publication categoryName="state" instance="${instance}" container="${container}" version="${version}" expireType="${type === 'machineState' ? 'endpoint' : 'static'}"><state xmlns="http://schemas.microsoft.com/2006/09/sip/state" manual="${type === 'userState'}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}"><availability>${availability}</availability><endpointLocation/></state></publication>`,
    )
    .join('');
}

/** A note in a container. */
export function notePublication(text: string, container: number, version = 0): string {
  return `<publication categoryName="note" instance="0" container="${container}" version="${version}" expireType="static"><note xmlns="http://schemas.microsoft.com/2006/09/sip/note"><body type="personal" uri="">${text}</body></note></publication>`;
}

/** The dialog that a 2xx has made. */
export function dialogOf(response: SipResponse): Dialog {
  return { callId: response.callId, fromTag: response.from.tag ?? '', toTag: response.to.tag ?? '' };
}

/** The body as XML. */
export function xmlOf(message: SipMessage): XmlElement {
  return parseXml(message.body).root;
}

/** Of a multipart body, the part with this Content-ID. */
export function partOf(message: SipMessage, id: string): string {
  const boundary = /boundary="?([^";]+)/.exec(message.first('Content-Type') ?? '')?.[1] ?? '';
  const part = message.body
    .toString('utf8')
    .split(`--${boundary}`)
    .find((one) => one.includes(`Content-ID: ${id}\r\n`) || one.includes(`Content-ID: <${id}>\r\n`));
  return part?.slice(part.indexOf('\r\n\r\n') + 4).trimEnd() ?? '';
}

/** The aggregated availability that a categories document shows; undefined when it shows none. */
export function availabilityIn(document: string): number | undefined {
  const found = /<state [^>]*aggregateState[^>]*>\s*<availability>(\d+)</.exec(document)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** A message that pidgin-sipe 1.25 has sent, with some of its text replaced; the length of its body follows. */
export function captured(name: string, changes: Readonly<Record<string, string>> = {}): string {
  let text = readFileSync(new URL(`captures/${name}.sip`, import.meta.url), 'latin1');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`${name}.sip has no ${from}`);
    text = text.replaceAll(from, to);
  }
  const end = text.indexOf('\r\n\r\n');
  const [head, body] = [text.slice(0, end), text.slice(end + 4)];
  return `${head.replace(/Content-Length: \d+/, `Content-Length: ${body.length}`)}\r\n\r\n${body}`;
}
