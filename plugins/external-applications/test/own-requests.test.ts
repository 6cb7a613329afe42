/** Requests that an application in another process sends of its own. */
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { attach } from '@parley/sdk/application';
import type { Application, AttachOptions, RequestReceived, Transaction } from '@parley/sdk/application';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { expect, onTestFinished, test } from 'vitest';
import externalApplications from '../src/plugin.ts';

const APP_URI = 'http://example.com/apps/Courier';

function manifest(script: string, elements = '', appUri = APP_URI): string {
  return `<r:applicationManifest r:appUri="${appUri}" xmlns:r="http://schemas.microsoft.com/lcs/2006/05">${elements}
<r:responseFilter reasonCodes="NONE"/><r:splScript><![CDATA[
${script}
]]></r:splScript></r:applicationManifest>`;
}

/** Lets everything pass. */
const IDLE = manifest('', '<r:requestFilter methodNames="NONE"/>');

/** @param requests of the application's configuration; null: none */
async function serving(requests: { perSecond?: number; outstanding?: number } | null = {}): Promise<TestServer> {
  const courier = { uri: APP_URI, priority: 310, ...(requests === null ? {} : { requests }) };
  return testServer({
    plugins: [directory(), registrar(), routing(), externalApplications({ applications: { courier } })],
    users: ['alice', 'bob'],
  });
}

async function attached(server: TestServer, options: Partial<AttachOptions> = {}): Promise<Application> {
  const application = await attach({
    socket: server.file('applications.sock'),
    manifest: IDLE,
    handlers: {},
    reconnect: false,
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  onTestFinished(() => application.close());
  return application;
}

const HELLO = { method: 'MESSAGE', uri: 'sip:bob@example.com', body: 'Dinner', contentType: 'text/plain' } as const;

test('a request to a user reaches the endpoints of the user, and the answer comes back', async () => {
  await using server = await serving();
  const bob = await server.endpoint('bob').register();
  const application = await attached(server);
  const answer = application.send({ ...HELLO, headers: { Subject: 'Food', 'X-List': ['1', '2'] } });
  const received = await bob.expect('MESSAGE', { headers: { Subject: 'Food' }, body: 'Dinner' });
  expect(received.request.from.uri.raw).toBe('sip:courier@example.com');
  expect(received.request.all('X-List')).toEqual(['1', '2']);
  received.answer(202, { headers: { 'X-Told': 'bob' } });
  const { status, headers } = await answer;
  expect([status, headers.first('X-Told')]).toEqual([202, 'bob']);
});

test('of several endpoints the first success counts, and a refusal only when all refuse', async () => {
  await using server = await serving();
  const desk = await server.endpoint('desk', { user: 'bob' }).register();
  const phone = await server.endpoint('phone', { user: 'bob' }).register();
  const application = await attached(server);
  const first = application.send(HELLO);
  await desk.expect('MESSAGE').answer(486);
  await phone.expect('MESSAGE').answer(200);
  expect((await first).status).toBe(200);
  const second = application.send(HELLO);
  await desk.expect('MESSAGE').answer(486);
  await phone.expect('MESSAGE').answer(480);
  expect((await second).status).toBe(480);
});

test('a user who is nowhere is 480, one who does not answer 408', async () => {
  await using server = await serving();
  const application = await attached(server);
  expect((await application.send(HELLO)).status).toBe(480);
  const bob = await server.endpoint('bob').register();
  const late = application.send(HELLO);
  await bob.expect('MESSAGE');
  await server.advance('33s');
  expect((await late).status).toBe(408);
});

test('a URI elsewhere is looked up, and the application says whom it speaks for', async () => {
  await using server = await serving();
  const peer = await server.peer('sip.example.org', { transport: 'udp' });
  const application = await attached(server);
  const answer = application.send({ ...HELLO, uri: 'sip:carol@sip.example.org', from: '"Café" <sip:desk@example.com>;tag=own' });
  const received = await peer.expect('MESSAGE', {
    uri: 'sip:carol@sip.example.org',
    headers: { From: /^"Caf.*" <sip:desk@example.com>;tag=/ },
  });
  expect(received.request.from.tag).not.toBe('own');
  received.answer(200);
  expect((await answer).status).toBe(200);
});

test('scripts that ask for what the server sends see it, and may answer it', async () => {
  const elements = '<r:requestFilter methodNames="MESSAGE" registrarGenerated="true"/>';
  const script = `if (ContainsString(sipRequest.To, "carol", false)) { Respond(403, "Not carol"); } AddHeader("X-Seen", "1");`;
  await using server = await serving();
  const text = manifest(script, elements, 'http://example.com/apps/Guard');
  await server.command('script add', { file: JSON.stringify({ file: 'guard.am', text, tables: [] }) });
  const bob = await server.endpoint('bob').register();
  const application = await attached(server);
  const passed = application.send(HELLO);
  await bob.expect('MESSAGE', { headers: { 'X-Seen': '1' } }).answer(200);
  expect((await passed).status).toBe(200);
  const refused = application.send({ ...HELLO, uri: 'sip:carol@sip.example.org' });
  await expect.poll(() => server.figure('parley_external_requests_open{application="courier"}')).toBe(1);
  await server.advance('1s');
  const { status, reason } = await refused;
  expect([status, reason]).toEqual([403, 'Not carol']);
});

test('inside a subscription that it has accepted an application notifies', async () => {
  await using server = await serving();
  const alice = server.endpoint('alice', { answers: 'nothing' });
  const { promise, resolve } = Promise.withResolvers<Transaction>();
  const onSubscribe = (event: RequestReceived): void => {
    event.respond(200, { headers: { Expires: '60' } });
    resolve(event.transaction);
  };
  const application = await attached(server, {
    manifest: manifest('Dispatch("onSubscribe");', '<r:requestFilter methodNames="SUBSCRIBE"/>'),
    handlers: { requests: { onSubscribe } },
  });
  await alice.register();
  const subscription = alice.subscribe('bob', 'weather');
  await subscription.expect(200);
  const within = await promise;
  for (const number of [1, 2]) {
    const told = application.send({
      method: 'NOTIFY',
      within,
      side: 'caller',
      headers: { Event: 'weather', 'Subscription-State': 'active' },
    });
    const notify = await subscription.expect('NOTIFY', { headers: { CSeq: `${number} NOTIFY` } });
    notify.answer(200);
    expect((await told).status).toBe(200);
  }
});

test('a call that it has sent on is ended by an application, on both sides', async () => {
  await using server = await serving();
  const { promise, resolve } = Promise.withResolvers<Transaction>();
  const onInvite = (event: RequestReceived): void => {
    event.proxy();
    resolve(event.transaction);
  };
  const application = await attached(server, {
    manifest: manifest('Dispatch("onInvite");', '<r:requestFilter methodNames="INVITE"/>'),
    handlers: { requests: { onInvite } },
  });
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  const taken = (await bob.expect('INVITE')).answer(200);
  await call.expect(200).ack();
  await taken.expect('ACK');
  const within = await promise;
  const ends = [application.send({ method: 'BYE', within, side: 'caller' }), application.send({ method: 'BYE', within, side: 'callee' })];
  await call.expect('BYE');
  await taken.expect('BYE');
  expect((await Promise.all(ends)).map(({ status }) => status)).toEqual([200, 200]);
});

test.each([
  ['a method that begins a dialog', { method: 'INVITE', uri: 'sip:bob@example.com' }],
  ['a sender of another domain', { ...HELLO, from: '<sip:bob@example.org>' }],
  ['a sender that is none', { ...HELLO, from: 'nobody at all <' }],
  ['a URI that is none', { ...HELLO, uri: 'bob' }],
  ['a header of the server', { ...HELLO, headers: { 'Max-Forwards': '1' } }],
  ['a line break', { ...HELLO, headers: { Subject: 'a\r\nb' } }],
] as const)('%s is refused, and costs nothing but this', async (_, request) => {
  await using server = await serving();
  const bob = await server.endpoint('bob').register();
  const application = await attached(server);
  await expect(application.send(request)).rejects.toMatchObject({ code: expect.stringMatching(/^EXTERNAL_(REQUEST|CHANGE)$/) as string });
  const answer = application.send(HELLO);
  await bob.expect('MESSAGE').answer(200);
  expect((await answer).status).toBe(200);
});

test('inside a dialog that the application has not seen nothing is sent', async () => {
  await using server = await serving();
  const application = await attached(server);
  const within = { id: 7 } as Transaction;
  await expect(application.send({ method: 'BYE', within, side: 'caller' })).rejects.toMatchObject({ code: 'EXTERNAL_REQUEST' });
});

test('an application without `requests` in the configuration sends none', async () => {
  await using server = await serving(null);
  const application = await attached(server);
  await expect(application.send(HELLO)).rejects.toThrow('does not let courier send requests');
});

test('as many wait for their answers as the configuration says, and as many are sent within a second', async () => {
  await using server = await serving({ outstanding: 1, perSecond: 2 });
  const bob = await server.endpoint('bob').register();
  const application = await attached(server);
  const first = application.send(HELLO);
  await expect(application.send(HELLO)).rejects.toMatchObject({ code: 'EXTERNAL_REQUESTS_TOO_MANY' });
  expect(server.figure('parley_external_requests_open{application="courier"}')).toBe(1);
  await bob.expect('MESSAGE').answer(200);
  await first;
  const second = application.send(HELLO);
  await bob.expect('MESSAGE').answer(200);
  await second;
  await expect(application.send(HELLO)).rejects.toThrow('more than 2 within a second');
  await server.advance('1s');
  const third = application.send(HELLO);
  await bob.expect('MESSAGE').answer(200);
  expect((await third).status).toBe(200);
});

test('what a dead application has sent ends by itself, and its next process begins with nothing open', async () => {
  await using server = await serving({ outstanding: 1 });
  const bob = await server.endpoint('bob').register();
  const application = await attached(server);
  const lost = application.send(HELLO);
  const received = await bob.expect('MESSAGE');
  application.close();
  await expect(lost).rejects.toMatchObject({ code: 'APPLICATION_GONE' });
  await expect(application.send(HELLO)).rejects.toMatchObject({ code: 'APPLICATION_GONE' });
  await expect.poll(() => server.figure('parley_external_applications{application="courier"}')).toBe(0);
  received.answer(200);
  await server.settle();
  const next = await attached(server);
  const answer = next.send({ ...HELLO, body: 'again' });
  await bob.expect('MESSAGE', { body: 'again' }).answer(200);
  expect((await answer).status).toBe(200);
});
