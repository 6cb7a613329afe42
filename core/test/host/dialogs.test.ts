/** A started server with a plugin of a few lines, and a client on a TCP connection. */
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { Notifier } from '../../src/dialog/index.ts';
import { Dialogs, PASS, Transport, checkConfig, definePlugin, inject, injectable, startServer } from '../../src/host/index.ts';
import type { Endpoints, Gate, PluginScope, RegisteredEndpoint } from '../../src/host/index.ts';
import { FakeClock } from '../../src/clock/index.ts';
import type { RequestContext } from '../../src/script/index.ts';
import { temporaryStore } from '../../src/store/index.ts';
import type { Flow } from '../../src/transport/index.ts';
import { Wire, sip } from '../transport/support.ts';
import { KeptLog, folder } from './fixtures.ts';

/** What the clerk has heard, told from its subscriptions and calls. */
interface Office {
  readonly heard: string[];
  readonly notifiers: Notifier[];
  dialogs: Dialogs | undefined;
  transport: Transport | undefined;
  /** The connection that spoke last. */
  flow: Flow | undefined;
  state: () => string;
}

interface World {
  readonly office: Office;
  readonly log: KeptLog;
  readonly clock: FakeClock;
  readonly wire: Wire;
  readonly close: () => Promise<void>;
}

/** A server whose one plugin notifies of everything and answers every call. `who`: whom a gate takes the sender for, by From. */
async function serving(who: 'nobody' | 'from' = 'nobody', endpoints: Partial<Endpoints> = {}): Promise<World> {
  const office: Office = { heard: [], notifiers: [], dialogs: undefined, transport: undefined, flow: undefined, state: () => 'open' };
  @injectable()
  class Clerk {
    constructor(
      @inject(Dialogs) private readonly dialogs: Dialogs,
      @inject(Transport) transport: Transport,
    ) {
      office.dialogs = dialogs;
      office.transport = transport;
    }
    onSubscribe(tx: RequestContext): void {
      const user = {
        current: () => ({ body: office.state(), contentType: 'text/plain' }),
        onEnded: (reason: string) => void office.heard.push(reason),
      };
      office.notifiers.push(this.dialogs.notifier(tx, { expires: 28_800 }, user));
    }
    onInvite(tx: RequestContext): void {
      const user = {
        onAck: () => void office.heard.push('ACK'),
        onRequest: () => {
          throw new Error('the clerk is tired');
        },
        onEnded: (reason: string) => void office.heard.push(reason),
      };
      this.dialogs.answer(tx, user).accept();
    }
  }
  const identify: Gate = {
    name: 'identify',
    order: 300,
    check(inbound) {
      office.flow = inbound.flow;
      if (inbound.message.isRequest && who === 'from') {
        inbound.identity = { aor: inbound.message.from.uri.userAtHost, mechanism: 'test' };
        inbound.flow.authenticated = true;
      }
      return PASS;
    },
  };
  const clerk = definePlugin({
    name: 'clerk',
    summary: 'Notifies of everything',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    scripts: ['clerk.am'],
    handler: Clerk,
    setup(scope: PluginScope) {
      scope.gate(identify);
      scope.eventPackage('opening-hours');
      scope.endpoints({ endpoints: () => [], ...endpoints });
    },
  });
  const clock = new FakeClock();
  const log = new KeptLog();
  const settings = { domains: ['example.com'], fqdn: 'uc.example.com', dataDir: folder() };
  const config = await checkConfig({ ...settings, listen: [{ transport: 'tcp', host: '127.0.0.1', port: 0 }], plugins: [clerk()] });
  const host = await startServer(config, { clock, logger: log.logger, store: temporaryStore(clock) });
  onTestFinished(() => host.close());
  const port = office.transport?.listeners[0]?.address.port ?? 0;
  return { office, log, clock, wire: await Wire.tcp(port), close: () => host.close() };
}

/** A request as a Communicator client writes it; in a dialog its Via has no branch ([MS-SIPRE] R7). */
function request(method: string, cseq: number, toTag: string, lines: readonly string[] = [], from = 'alice@example.com'): string {
  return sip(
    `${method} sip:alice@example.com SIP/2.0`,
    `Via: SIP/2.0/tcp 127.0.0.1:53026${toTag === '' ? `;branch=z9hG4bK${method}${cseq}` : ''}`,
    `From: <sip:${from}>;tag=633235000;epid=b34afb6ebb23`,
    `To: <sip:alice@example.com>${toTag === '' ? '' : `;tag=${toTag}`}`,
    'Max-Forwards: 70',
    `CSeq: ${cseq} ${method}`,
    'Call-ID: 6F8Dg8026aC2DFi0075m',
    'Contact: <sip:alice@example.com;opaque=user:epid:I3d-L-SWTlSLmM9IK4zvuAAA;gruu>',
    ...lines,
    'Content-Length: 0',
  );
}

const FAMILY = [
  'Event: opening-hours',
  'Supported: com.microsoft.autoextend',
  'Supported: ms-benotify',
  'Proxy-Require: ms-benotify',
  'Supported: ms-piggyback-first-notify',
];

const toTag = (text: string): string => /^To: .*;tag=(\w+)/m.exec(text)?.[1] ?? '';

test('MS-SIPRE R12: a handler serves a dispatched SUBSCRIBE in a few lines, in the form that Communicator clients read', async () => {
  const { wire, office } = await serving();
  wire.send(request('SUBSCRIBE', 1, '', [...FAMILY, 'Expires: 0']));
  const answer = await wire.receive('open');
  const port = office.transport?.listeners[0]?.address.port;
  expect(answer).toMatch(/^SIP\/2.0 200 OK\r\n/);
  for (const line of [
    `Contact: <sip:127.0.0.1:${port};transport=tcp>`,
    'Expires: 0',
    'Event: opening-hours',
    'Subscription-State: terminated;expires=0',
    'ms-piggyback-cseq: 1',
    'Supported: ms-benotify, ms-piggyback-first-notify',
  ]) {
    expect(answer).toContain(`\r\n${line}\r\n`);
  }
  expect(office.heard).toEqual(['expired']);
});

test('MS-SIPRE R7, R11: in-dialog requests without a branch come to the dialog, and BENOTIFYs go down the connection of the client', async () => {
  const { wire, office } = await serving();
  wire.send(request('SUBSCRIBE', 1, '', FAMILY));
  const tag = toTag(await wire.receive('open'));
  office.notifiers[0]?.notify({ body: 'closed at noon', contentType: 'text/plain' });
  const notification = (await wire.receive('closed at noon')).split('SIP/2.0 200')[1] ?? '';
  expect(notification).toContain('BENOTIFY sip:alice@example.com;opaque=user:epid:I3d-L-SWTlSLmM9IK4zvuAAA;gruu SIP/2.0\r\n');
  expect(notification).toContain('\r\nCSeq: 2 BENOTIFY\r\n');
  expect(notification).toContain('\r\nSubscription-State: active;expires=28800\r\n');
  wire.send(request('SUBSCRIBE', 2, tag, ['Event: opening-hours', 'Expires: 0']));
  await wire.receive('CSeq: 2 SUBSCRIBE');
  await wire.receive('terminated');
  expect(office.heard).toEqual(['unsubscribed']);
});

test('an INVITE is answered, its ACK and BYE come without passing the scripts, and what its user throws is logged with the plugin', async () => {
  const { wire, office, log } = await serving();
  wire.send(request('INVITE', 1, ''));
  const tag = toTag(await wire.receive('SIP/2.0 200'));
  wire.send(request('ACK', 1, tag));
  wire.send(request('INFO', 2, tag));
  await wire.receive('SIP/2.0 500');
  expect(log.lines.find((line) => line['msg'] === 'a plugin failed')).toMatchObject({ plugin: 'clerk', where: 'dialog' });
  wire.send(request('BYE', 3, tag));
  await wire.receive('CSeq: 3 BYE');
  expect(office.heard).toEqual(['ACK', 'bye']);
  wire.send(request('SUBSCRIBE', 4, tag, FAMILY));
  await wire.receive('SIP/2.0 481');
  const contact = `sip:127.0.0.1:${office.transport?.listeners[0]?.address.port};transport=tcp`;
  wire.send(request('BYE', 5, tag).replace('BYE sip:alice@example.com', `BYE ${contact}`));
  expect(await wire.receive('CSeq: 5 BYE')).toMatch(/SIP\/2.0 481[^]*CSeq: 5 BYE/);
});

test('MS-SIPRE R8: only who began a dialog goes on with it', async () => {
  const { wire, office } = await serving('from');
  wire.send(request('SUBSCRIBE', 1, '', FAMILY));
  const tag = toTag(await wire.receive('open'));
  wire.send(request('SUBSCRIBE', 2, tag, ['Event: opening-hours', 'Expires: 0'], 'mallory@example.com'));
  await wire.receive('SIP/2.0 403');
  expect(office.heard).toEqual([]);
});

test('nobody has his requests sent to the endpoint of another: a Contact with a GRUU of another user is refused', async () => {
  const { wire, office } = await serving('from', { aorOf: (uri) => (uri.includes('gruu') ? 'bob@example.com' : undefined) });
  wire.send(request('SUBSCRIBE', 1, '', FAMILY));
  expect(await wire.receive('SIP/2.0 403')).toContain('Warning: 399 uc.example.com "Contact names an endpoint of bob@example.com');
  expect(office.notifiers).toEqual([]);
});

test('MS-SIPREGE R17: subscriptions end with the connection of their client, and by order of who signs it out', async () => {
  const { wire, office } = await serving('from');
  wire.send(request('SUBSCRIBE', 1, '', FAMILY));
  await wire.receive('open');
  const flow = connectionOf(office);
  office.dialogs?.endSubscriptions(flow, 'bob@example.com', 'rejected');
  expect(office.heard).toEqual([]);
  office.dialogs?.endSubscriptions(flow, 'alice@example.com', 'rejected');
  await wire.receive('terminated;reason=rejected');
  expect(office.heard).toEqual(['closed']);
  wire.send(request('SUBSCRIBE', 9, '', FAMILY));
  await wire.receive('CSeq: 9 SUBSCRIBE');
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  office.transport?.onFlowClosed(() => resolve());
  wire.socket.end();
  await gone;
  expect(office.heard).toEqual(['closed', 'unreachable']);
});

test('a closing server says goodbye in its dialogs, and waits only so long for answers', async () => {
  const { wire, office, clock, close } = await serving();
  wire.send(request('SUBSCRIBE', 1, '', ['Event: opening-hours']));
  wire.send(answer(await wire.receive('NOTIFY sip:'), 'NOTIFY', 'SIP/2.0 200 OK'));
  const closing = close();
  await wire.receive('terminated;reason=deactivated');
  expect(office.heard).toEqual(['closed']);
  clock.advance(20_000);
  clock.advance(20_000);
  await closing;
});

test('a request of the server itself goes down the connection that the endpoint registered on, and nowhere when it is gone', async () => {
  let endpoint: RegisteredEndpoint | undefined;
  const { wire, office, clock } = await serving('nobody', { byContact: (uri) => (uri.includes('gruu') ? endpoint : undefined) });
  wire.send(request('SUBSCRIBE', 1, '', [...FAMILY, 'Expires: 0']));
  await wire.receive('open');
  const flow = connectionOf(office);
  const status = (): Promise<number> =>
    new Promise((resolve) => {
      const parts = { uri: 'sip:alice@example.com;gruu;opaque=user:epid:x', from: '<sip:uc.example.com>' };
      office.dialogs?.request('OPTIONS', parts, (response) => resolve(response.status));
    });
  const found = { contact: '', epid: undefined, instance: undefined, methods: [], q: 1000, destination: undefined, path: [] };
  endpoint = { ...found, flow, reachable: true };
  const answered = status();
  const asked = await wire.receive('OPTIONS sip:alice@example.com');
  wire.send(answer(asked, 'OPTIONS', 'SIP/2.0 486 Busy Here'));
  expect(await answered).toBe(486);
  endpoint = { ...found, flow: undefined, reachable: false };
  const lost = status();
  clock.advance(20);
  clock.advance(20);
  expect(await lost, 'the open connection is another endpoint for all we know').toBe(503);
});

/** The server's end of the connection. */
function connectionOf({ flow }: Office): Flow {
  if (flow === undefined) throw new Error('nothing has come yet');
  return flow;
}

/** An answer to the request of that method that has come. */
function answer(text: string, method: string, line: string): string {
  const head = text.slice(text.lastIndexOf(`${method} sip:`)).split('\r\n\r\n')[0] ?? '';
  const kept = head.split('\r\n').filter((header) => /^(?:Via|From|To|Call-ID|CSeq):/.test(header));
  return sip(line, ...kept, 'Content-Length: 0');
}
