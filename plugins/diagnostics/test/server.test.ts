import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { FakeClock, H, PASS, Transport, checkConfig, definePlugin, openLog, startServer, temporaryStore } from '@parley/sdk';
import type { CommandInput, Host, PluginScope, SipResponse } from '@parley/sdk';
import diagnostics from '../src/plugin.ts';
import { REPORT, aRequest, parsed } from './support.ts';

/** A started server with this plugin, and its port. Everybody is who the From says. */
async function serving(): Promise<{ readonly host: Host; readonly port: number }> {
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
          if (inbound.message.isRequest) inbound.identity = { aor: inbound.message.from.uri.userAtHost.toLowerCase(), mechanism: 'test' };
          return PASS;
        },
      });
    },
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-diagnostics-'));
  const clock = new FakeClock();
  const config = await checkConfig({
    domains: ['example.com'],
    fqdn: 'uc.example.com',
    dataDir,
    listen: [{ transport: 'tcp', host: '127.0.0.1', port: 0 }],
    plugins: [trusting(), diagnostics()],
  });
  const host = await startServer(config, {
    clock,
    logger: openLog({ level: 'fatal', output: new Writable({ write: (_chunk, _encoding, done) => done() }) }),
    store: temporaryStore(clock),
  });
  onTestFinished(async () => {
    const closing = host.close();
    for (let i = 0; i < 5; i++) clock.advance(10_000);
    await closing;
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { host, port: transport?.listeners[0]?.address.port ?? 0 };
}

/** What the server answers to these bytes on a connection of their own. */
async function ask(port: number, bytes: Buffer): Promise<SipResponse> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(bytes);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return parsed(answer);
}

test('MS-OCER R5: a report that a client sends is answered 200 and listed by `parley errors`', async () => {
  const { host, port } = await serving();
  const report = aRequest('SERVICE', 'sip:alice@example.com', ['Content-Type: application/msrtc-reporterror+xml'], REPORT);
  expect((await ask(port, report.serialize())).status).toBe(200);
  const errors = host.command('errors');
  const input = { arguments: {}, options: { limit: '10' } } as unknown as CommandInput;
  expect(await errors?.command.run(input, errors.scope)).toMatchObject({ rows: [{ user: 'alice@example.com', id: 10_000 }] });
});

test('MS-OCER R1: what core itself refuses is explained once, with the sentence of its Warning', async () => {
  const { port } = await serving();
  const answer = await ask(port, aRequest('MESSAGE', 'sip:nobody@example.com').serialize());
  const [warning] = answer.all(H.Warning);
  const reason = /"(.*)"/.exec(warning ?? '')?.[1];
  expect([answer.status, answer.all(H.MSDiagnostics)]).toEqual([
    404,
    [`61404;reason="${reason ?? answer.reason}";source="uc.example.com"`],
  ]);
});

test('MS-OCER R1: a request that cannot be read is told why', async () => {
  const { port } = await serving();
  const broken = aRequest('MESSAGE', 'sip:bob@example.com').serialize().toString('latin1').replace('CSeq: 1 MESSAGE', 'CSeq: one MESSAGE');
  const answer = await ask(port, Buffer.from(broken, 'latin1'));
  expect([answer.status, answer.count(H.MSDiagnostics)]).toEqual([400, 1]);
  expect(answer.first(H.MSDiagnostics)).toMatch(/^61400;reason="[^"]*CSeq[^"]*";source="uc\.example\.com"$/);
});
