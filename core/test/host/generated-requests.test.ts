/** What the server itself sends, seen by routing scripts: a whole server, a plugin that notifies, and a client on TCP. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { FakeClock } from '../../src/clock/index.ts';
import { Dialogs, Transport, checkConfig, definePlugin, inject, injectable, startServer } from '../../src/host/index.ts';
import type { PluginScope } from '../../src/host/index.ts';
import type { RequestContext } from '../../src/script/index.ts';
import { temporaryStore } from '../../src/store/index.ts';
import { Wire, sip } from '../transport/support.ts';
import { KeptLog, folder } from './fixtures.ts';

interface Script {
  readonly name: string;
  readonly filters: string;
  readonly text: string;
}

function manifest({ name, filters, text }: Script): string {
  return `<r:applicationManifest r:appUri="http://example.com/${name}" xmlns:r="http://schemas.microsoft.com/lcs/2006/05">
<r:allowRegistrationBeforeUserServices/>${filters}<r:splScript><![CDATA[${text}]]></r:splScript></r:applicationManifest>`;
}

/** A client of a server with these scripts of its operator, whose one plugin accepts every SUBSCRIBE. */
async function client(...scripts: readonly Script[]): Promise<Wire> {
  let transport: Transport | undefined;
  @injectable()
  class Clerk {
    constructor(@inject(Dialogs) private readonly dialogs: Dialogs) {}
    onSubscribe(tx: RequestContext): void {
      const user = { current: () => ({ body: 'open', contentType: 'text/plain' }), onEnded: () => undefined };
      this.dialogs.notifier(tx, { expires: 3_600 }, user);
    }
    onInvite(tx: RequestContext): void {
      tx.respond(486);
    }
  }
  const clerk = definePlugin({
    name: 'clerk',
    summary: 'Notifies of everything',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    scripts: ['clerk.am'],
    handler: Clerk,
    setup(scope: PluginScope) {
      scope.eventPackage('opening-hours');
      transport = scope.resolve(Transport);
    },
  });
  const dataDir = folder();
  const extra = scripts.map((script) => {
    const file = join(dataDir, `${script.name}.am`);
    writeFileSync(file, manifest(script));
    return file;
  });
  const clock = new FakeClock();
  const listen = [{ transport: 'tcp' as const, host: '127.0.0.1', port: 0 }];
  const config = await checkConfig({
    domains: ['example.com'],
    fqdn: 'uc.example.com',
    dataDir,
    listen,
    scripts: { extra },
    plugins: [clerk()],
  });
  const host = await startServer(config, { clock, logger: new KeptLog().logger, store: temporaryStore(clock) });
  onTestFinished(() => host.close());
  return Wire.tcp(transport?.listeners[0]?.address.port ?? 0);
}

function subscribe(...lines: readonly string[]): string {
  return sip(
    'SUBSCRIBE sip:alice@example.com SIP/2.0',
    'Via: SIP/2.0/tcp 127.0.0.1:53026;branch=z9hG4bK1',
    'From: <sip:alice@example.com>;tag=1;epid=aa',
    'To: <sip:alice@example.com>',
    'Max-Forwards: 70',
    'CSeq: 1 SUBSCRIBE',
    'Call-ID: c1',
    'Contact: <sip:alice@127.0.0.1:53026;transport=tcp>',
    'Event: opening-hours',
    ...lines,
    'Content-Length: 0',
  );
}

const NOTIFIES = '<r:requestFilter methodNames="NOTIFY,BENOTIFY" registrarGenerated="true"/><r:responseFilter reasonCodes="NONE"/>';

test('MSPL R10: a NOTIFY of a plugin runs a script only with registrarGenerated, which may edit its body', async () => {
  const wire = await client(
    { name: 'asks', filters: NOTIFIES, text: 'AddHeader("X-Asks", "1"); sipMessage.Content = "closed";' },
    { name: 'does-not', filters: NOTIFIES.replace('true', 'false'), text: 'AddHeader("X-Not", "1");' },
  );
  wire.send(subscribe());
  const text = await wire.receive('closed');
  const notify = text.slice(text.indexOf('NOTIFY sip:'));
  expect(notify).toContain('X-Asks: 1');
  expect(notify).toContain('Content-Length: 6');
  expect(text).not.toContain('X-Not');
});

test('MSPL R10: so it is with BENOTIFY', async () => {
  const wire = await client({ name: 'asks', filters: NOTIFIES, text: 'AddHeader("X-Asks", sipRequest.Method);' });
  wire.send(subscribe('Supported: ms-benotify', 'Proxy-Require: ms-benotify'));
  expect(await wire.receive('X-Asks')).toMatch(/X-Asks: (BE)?NOTIFY/);
});

test('a NOTIFY that a script keeps is not sent', async () => {
  const wire = await client({ name: 'keeps', filters: NOTIFIES, text: 'Respond(489, "Bad Event");' });
  wire.send(subscribe());
  await wire.receive('SIP/2.0 200');
  wire.send(
    subscribe().replaceAll('SUBSCRIBE', 'INVITE').replace('branch=z9hG4bK1', 'branch=z9hG4bK2').replace('Call-ID: c1', 'Call-ID: c2'),
  );
  expect(await wire.receive('SIP/2.0 4')).not.toContain('NOTIFY sip:');
});

test('the 200 with the first notification in it passes the scripts that saw the SUBSCRIBE', async () => {
  const filters = '<r:requestFilter methodNames="SUBSCRIBE"/><r:responseFilter reasonCodes="2XX"/>';
  const wire = await client({
    name: 'sees',
    filters,
    text: 'if (sipResponse) { AddHeader("X-Sees", "1"); sipMessage.Content = "edited"; }',
  });
  wire.send(subscribe('Supported: ms-piggyback-first-notify'));
  const text = await wire.receive('edited');
  expect(text).toMatch(/^SIP\/2\.0 200[\s\S]*X-Sees: 1/);
});
