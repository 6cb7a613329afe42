/** What an application in another process does with requests and responses. */
import { expect, test } from 'vitest';
import type { RequestReceived, ResponseReceived } from '@parley/sdk/application';
import { Child, attached, logged, manifest, serving } from './serving.ts';

const DISPATCH = 'if (!Dispatch("onRequest", sipRequest.Method, 3, true, null)) { Respond(503, "Server Busy"); }';

/** Waits for the first of something that happens in an application. */
function happening<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  return Promise.withResolvers<T>();
}

test('a request that is dispatched comes with its message and parameters, and goes on changed', async () => {
  const all = await serving();
  const { promise, resolve } = happening<unknown>();
  const onRequest = (event: RequestReceived): void => {
    resolve([event.parameters, event.request.text, event.request.headers.first('subject'), event.sender, event.stamps]);
    event.request.headers.add('X-Guard', 'Grüße');
    event.request.headers.remove('Subject');
    event.request.setBody('hello again', 'text/plain');
    event.proxy();
  };
  await attached(all, DISPATCH, { handlers: { requests: { onRequest } } });
  const sent = all.alice.send('MESSAGE', 'bob', { headers: { Subject: 'secret' }, contentType: 'text/html', body: 'hello' });
  expect(await promise).toEqual([['MESSAGE', 3, true, null], 'hello', 'secret', 'alice@example.com', []]);
  const headers = { 'X-Guard': Buffer.from('Grüße').toString('latin1'), Subject: null, 'Content-Type': 'text/plain' };
  await all.bob.expect('MESSAGE', { headers, body: 'hello again' }).answer(200);
  await sent.expect(200);
});

test('the sender is told only when the server has verified it', async () => {
  const all = await serving();
  const { promise, resolve } = happening<unknown>();
  const onRequest = (event: RequestReceived): void => {
    resolve(event.sender);
    event.respond(486);
  };
  await attached(all, DISPATCH, { handlers: { requests: { onRequest } } });
  await all.server.endpoint('eve', { user: 'alice', trusted: false }).message('bob', 'hello').expect(486);
  expect(await promise).toBeUndefined();
});

test('an application answers, first provisionally', async () => {
  const all = await serving();
  const onRequest = (event: RequestReceived): void => {
    event.respond(183, { reason: 'Thinking' });
    event.respond(403, { headers: { 'X-Why': ['policy', 'again'] }, body: 'no', contentType: 'text/plain' });
  };
  await attached(all, DISPATCH, { handlers: { requests: { onRequest } } });
  const call = all.alice.invite('bob');
  expect((await call.expect(183)).reason).toBe('Thinking');
  const last = await call.expect(403, { body: 'no' });
  expect(last.all('X-Why')).toEqual(['policy', 'again']);
});

test('a handler that throws costs its request a 500', async () => {
  const all = await serving();
  const errors: unknown[] = [];
  const requests = {
    onRequest: () => {
      throw new Error('boom');
    },
  };
  await attached(all, DISPATCH, { handlers: { requests }, onError: (error) => void errors.push(error) });
  await all.alice.message('bob', 'hello').expect(500);
  expect(errors.map(String)).toEqual([expect.stringContaining('boom')]);
});

test('a fork goes to its targets; what comes back is seen by branch, may be changed, and may be dropped', async () => {
  const all = await serving();
  const one = await all.server.peer('one.example.org', { transport: 'udp' });
  const two = await all.server.peer('two.example.org', { transport: 'udp' });
  const seen: string[] = [];
  const onRequest = (event: RequestReceived): void => {
    event.stamp = 'forked';
    event.createBranch({ uri: 'sip:one.example.org' }).onResponse((answer: ResponseReceived) => {
      seen.push(`${answer.branch} ${answer.response.status}`);
      if (answer.response.status === 180) answer.drop();
      else answer.response.headers.add('X-Seen', event.transaction.state.get('word') as string);
    });
    event.createBranch('sip:two.example.org');
    event.transaction.state.set('word', 'kept');
    event.sendBranches();
  };
  await attached(all, DISPATCH, { handlers: { requests: { onRequest } } });
  const call = all.alice.invite('bob');
  const ringing = await one.expect('INVITE', { headers: { Via: /branched=TRUE/ } }).answer(180);
  await two.expect('INVITE', { headers: { Via: /branched=TRUE/ } }).answer(183);
  ringing.answer(200);
  const answer = await call.expect('2xx').ack();
  await two.expect('CANCEL');
  expect([answer.first('X-Seen'), seen]).toEqual(['kept', ['1 180', '1 200']]);
  expect(all.server.messages.filter(({ to, text }) => to === 'alice' && text.startsWith('SIP/2.0 180'))).toEqual([]);
});

test('a script dispatches responses too: they wait for the application, with the transaction that it knows', async () => {
  const all = await serving();
  const transactions: unknown[] = [];
  const handlers = {
    requests: {
      onRequest: (event: RequestReceived) => {
        transactions.push(event.transaction);
        event.proxy();
      },
    },
    responses: {
      onResponse: async (event: ResponseReceived) => {
        transactions.push(event.transaction);
        await Promise.resolve();
        event.response.headers.add('X-Late', '1');
      },
    },
  };
  const script = 'if (sipRequest) { Dispatch("onRequest"); } else { Dispatch("onResponse"); }';
  await attached(all, script, { handlers, elements: '<r:responseFilter reasonCodes="2XX"/>' });
  const sent = all.alice.message('bob', 'hello');
  await all.bob.expect('MESSAGE').answer(200);
  await sent.expect(200, { headers: { 'X-Late': '1' } });
  expect(transactions[0]).toBe(transactions[1]);
});

test('MSPL R49: a notification tells values, and the script goes on', async () => {
  const all = await serving();
  const { promise, resolve } = happening<readonly unknown[]>();
  const notifications = { onSeen: ({ parameters }: { readonly parameters: readonly unknown[] }) => resolve(parameters) };
  await attached(all, 'DispatchNotification("onSeen", GetUserAtHost(sipRequest.From), 2); ProxyRequest("");', {
    handlers: { notifications },
  });
  const sent = all.alice.message('bob', 'hello');
  expect(await promise).toEqual(['alice@example.com', 2]);
  await all.bob.expect('MESSAGE').answer(200);
  await sent.expect(200);
});

test('a CANCEL is told, and the request that was not decided is answered 487', async () => {
  const all = await serving();
  const come = happening<RequestReceived>();
  const cancelled = happening<boolean>();
  await attached(all, DISPATCH, {
    handlers: {
      requests: {
        onRequest: (event) => {
          event.transaction.onCancelled(() => cancelled.resolve(event.transaction.cancelled));
          come.resolve(event);
        },
      },
    },
  });
  const call = all.alice.invite('bob');
  await come.promise;
  // A CANCEL waits for a provisional response, and 100 comes after 200 ms. RFC 3261 section 9.1
  await all.server.advance('200ms');
  call.cancel();
  expect(await cancelled.promise).toBe(true);
  await call.expect(487);
});

test('an application that takes longer than it may is told, and the request goes on without it', async () => {
  const all = await serving({ guard: { patienceSeconds: 2 } });
  const come = happening<RequestReceived>();
  const late = happening<string>();
  const errors: unknown[] = [];
  await attached(all, DISPATCH, {
    onError: (error) => void errors.push(error),
    handlers: {
      requests: {
        onRequest: (event) => {
          event.transaction.onTimedOut(() => late.resolve('late'));
          come.resolve(event);
        },
      },
    },
  });
  const sent = all.alice.message('bob', 'hello');
  const event = await come.promise;
  expect(event.patience).toBe(2_000);
  await all.server.advance('2s');
  expect(await late.promise).toBe('late');
  const received = await all.bob.expect('MESSAGE');
  event.respond(403);
  expect(await all.server.until(() => errors.find((error) => String(error).includes('is not open any more')))).toBeDefined();
  received.answer(200);
  await sent.expect(200);
});

test('MSPL R48: Dispatch is false when too many requests wait for the application', async () => {
  const all = await serving({ plugin: { limits: { openTransactions: 1 } } });
  const come = happening<RequestReceived>();
  await attached(all, DISPATCH, { handlers: { requests: { onRequest: (event) => come.resolve(event) } } });
  const first = all.alice.message('bob', 'one');
  const event = await come.promise;
  expect((await all.alice.message('bob', 'two').expect(503)).reason).toBe('Server Busy');
  event.respond(200);
  await first.expect(200);
});

test('MarshalContent false keeps bodies from the application, and the body goes on', async () => {
  const all = await serving();
  const come = happening<string>();
  const onRequest = (event: RequestReceived): void => {
    come.resolve(event.request.text);
    event.proxy();
  };
  await attached(all, `sipMessage.Transaction.MarshalContent = false; ${DISPATCH}`, { handlers: { requests: { onRequest } } });
  const sent = all.alice.message('bob', 'private');
  expect(await come.promise).toBe('');
  await all.bob.expect('MESSAGE', { body: 'private' }).answer(200);
  await sent.expect(200);
});

test('a process that is killed in the middle of a transaction costs it nothing but the wait: the request goes on', async () => {
  const all = await serving();
  const child = Child.start(all.socket, manifest('if (!Dispatch("onRequest")) { Respond(503, "Server Busy"); }'), 'hold');
  await child.said('attached guard');
  const call = all.alice.invite('bob');
  await child.said('request INVITE');
  await child.kill();
  await all.bob.expect('INVITE').answer(486);
  await call.expect(486);
});

test('a manifest without proxyByDefault has such a request refused with 503, to be tried again', async () => {
  const all = await serving();
  const elements = '<r:responseFilter reasonCodes="NONE"/><r:proxyByDefault action="false"/>';
  const child = Child.start(all.socket, manifest('Dispatch("onRequest");', elements), 'hold');
  await child.said('attached guard');
  const call = all.alice.invite('bob');
  await child.said('request INVITE');
  await child.kill();
  await call.expect(503, { headers: { 'Retry-After': '10' } });
  await all.bob.expectNothing();
});

test('responses that a killed process held go on', async () => {
  const all = await serving();
  const script = 'if (sipRequest) { ProxyRequest(""); } else { Dispatch("onRequest"); }';
  const child = Child.start(all.socket, manifest(script, '<r:responseFilter reasonCodes="2XX"/>'), 'hold');
  await child.said('attached guard');
  const sent = all.alice.message('bob', 'hello');
  await all.bob.expect('MESSAGE').answer(200);
  // Its answer is on the way to the child when the child dies, or there: either way it must reach alice.
  await child.kill();
  await sent.expect(200);
});

test('while its process is away the application lets messages pass, and takes them again when it is back', async () => {
  const all = await serving();
  const text = manifest('if (!Dispatch("onRequest")) { Respond(503, "Busy"); }');
  const passes = async (seen: string | null): Promise<void> => {
    const sent = all.alice.message('bob', 'hello');
    await all.bob.expect('MESSAGE', { headers: { 'X-Child': seen } }).answer(200);
    await sent.expect(200);
  };
  const child = Child.start(all.socket, text, 'proxy');
  await child.said('attached guard');
  await passes('1');
  await child.kill();
  await logged(all.server, 'has left the chain');
  await passes(null);
  const again = Child.start(all.socket, text, 'proxy');
  await again.said('attached guard');
  await passes('1');
});
