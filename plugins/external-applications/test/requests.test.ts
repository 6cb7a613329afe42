/** What an application in another process does with requests and responses. */
import { expect, test } from 'vitest';
import type { SipRequest, SipResponse } from '@parley/sdk';
import type { RequestReceived, ResponseReceived } from '@parley/sdk/application';
import { Child, attached, errors, manifest, world } from './world.ts';

const DISPATCH = 'if (!Dispatch("onRequest", sipRequest.Method, 3, true, null)) { Respond(503, "Server Busy"); }';

/** Waits for the first of something that happens in an application. */
function happening<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  return Promise.withResolvers<T>();
}

test('a request that is dispatched comes with its message and parameters, and goes on changed', async () => {
  const all = await world();
  const { promise, resolve } = happening<unknown>();
  const onRequest = (event: RequestReceived): void => {
    resolve([event.parameters, event.request.text, event.request.headers.first('subject'), event.sender, event.stamps]);
    event.request.headers.add('X-Guard', 'Grüße');
    event.request.headers.remove('Subject');
    event.request.setBody('hello again', 'text/plain');
    event.proxy();
  };
  await attached(all, DISPATCH, { handlers: { requests: { onRequest } } });
  all.alice.send('MESSAGE', ['Subject: secret', 'Content-Type: text/html'], 'hello');
  expect(await promise).toEqual([['MESSAGE', 3, true, null], 'hello', 'secret', undefined, []]);
  const sent = (await all.bob.next()) as SipRequest;
  expect([sent.first('X-Guard'), sent.has('Subject'), sent.body.toString(), sent.first('Content-Type')]).toEqual([
    Buffer.from('Grüße').toString('latin1'),
    false,
    'hello again',
    'text/plain',
  ]);
  all.bob.answer(sent, 200);
  expect(await all.alice.status()).toBe(200);
});

test('an application answers, first provisionally', async () => {
  const all = await world();
  const onRequest = (event: RequestReceived): void => {
    event.respond(183, { reason: 'Thinking' });
    event.respond(403, { headers: { 'X-Why': ['policy', 'again'] }, body: 'no', contentType: 'text/plain' });
  };
  await attached(all, DISPATCH, { handlers: { requests: { onRequest } } });
  all.alice.send('INVITE');
  const first = (await all.alice.next()) as SipResponse;
  const last = (await all.alice.next()) as SipResponse;
  expect([first.status, first.reason, last.status, last.all('X-Why'), last.body.toString()]).toEqual([
    183,
    'Thinking',
    403,
    ['policy', 'again'],
    'no',
  ]);
});

test('a handler that throws costs its request a 500, one that has no handler too', async () => {
  const all = await world();
  const requests = {
    onRequest: () => {
      throw new Error('boom');
    },
  };
  await attached(all, DISPATCH, { handlers: { requests } });
  all.alice.send('MESSAGE');
  expect(await all.alice.status()).toBe(500);
  expect(String(errors.at(-1))).toContain('boom');
});

test('a fork goes to its targets; what comes back is seen by branch, may be changed, and may be dropped', async () => {
  const all = await world();
  const seen: string[] = [];
  const onRequest = (event: RequestReceived): void => {
    event.stamp = 'forked';
    event.createBranch({ uri: `${all.contact};target=1` }).onResponse((answer: ResponseReceived) => {
      seen.push(`${answer.branch} ${answer.response.status}`);
      if (answer.response.status === 180) answer.drop();
      else answer.response.headers.add('X-Seen', event.transaction.state.get('word') as string);
    });
    event.createBranch(`${all.contact};target=2`);
    event.transaction.state.set('word', 'kept');
    event.sendBranches();
  };
  await attached(all, DISPATCH, { handlers: { requests: { onRequest } } });
  all.alice.send('INVITE');
  const targets = [(await all.bob.next()) as SipRequest, (await all.bob.next()) as SipRequest];
  expect(targets.map((request) => /target=./.exec(request.uri)?.[0])).toEqual(['target=1', 'target=2']);
  expect(targets.map((request) => request.first('Via'))).toEqual([
    expect.stringContaining('branched=TRUE'),
    expect.stringContaining('branched=TRUE'),
  ]);
  all.bob.answer(targets[0] as SipRequest, 180);
  all.bob.answer(targets[0] as SipRequest, 200);
  const answer = (await all.alice.next()) as SipResponse;
  expect([answer.status, answer.first('X-Seen'), seen]).toEqual([200, 'kept', ['1 180', '1 200']]);
});

test('a script dispatches responses too: they wait for the application, with the transaction that it knows', async () => {
  const all = await world();
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
  all.alice.send('MESSAGE');
  all.bob.answer((await all.bob.next()) as SipRequest, 200);
  const answer = (await all.alice.next()) as SipResponse;
  expect([answer.status, answer.first('X-Late')]).toEqual([200, '1']);
  expect(transactions[0]).toBe(transactions[1]);
});

test('MSPL R49: a notification tells values, and the script goes on', async () => {
  const all = await world();
  const { promise, resolve } = happening<readonly unknown[]>();
  const notifications = { onSeen: ({ parameters }: { readonly parameters: readonly unknown[] }) => resolve(parameters) };
  await attached(all, 'DispatchNotification("onSeen", GetUserAtHost(sipRequest.From), 2); ProxyRequest("");', {
    handlers: { notifications },
  });
  all.alice.send('MESSAGE');
  expect(await promise).toEqual(['alice@example.com', 2]);
  expect(((await all.bob.next()) as SipRequest).method).toBe('MESSAGE');
});

test('a CANCEL is told, and the request that was not decided is answered 487', async () => {
  const all = await world();
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
  all.alice.send('INVITE', [], '', { branch: 'z9hG4bKcancel' });
  await come.promise;
  all.alice.send('CANCEL', [], '', { branch: 'z9hG4bKcancel' });
  expect(await cancelled.promise).toBe(true);
  expect([await all.alice.status(), await all.alice.status()].toSorted((a, b) => a - b)).toEqual([200, 487]);
});

test('an application that takes longer than it may is told, and the request goes on without it', async () => {
  const all = await world({ guard: { patienceSeconds: 2 } });
  const come = happening<RequestReceived>();
  const late = happening<string>();
  await attached(all, DISPATCH, {
    handlers: {
      requests: {
        onRequest: (event) => {
          event.transaction.onTimedOut(() => late.resolve('late'));
          come.resolve(event);
        },
      },
    },
  });
  all.alice.send('MESSAGE');
  const event = await come.promise;
  expect(event.patience).toBe(2_000);
  all.clock.advance(2_000);
  expect(await late.promise).toBe('late');
  expect(((await all.bob.next()) as SipRequest).method).toBe('MESSAGE');
  event.respond(403);
  while (!errors.some((error) => String(error).includes('is not open any more'))) await new Promise((resolve) => setImmediate(resolve));
});

test('MSPL R48: Dispatch is false when too many requests wait for the application', async () => {
  const all = await world({ plugin: { limits: { openTransactions: 1 } } });
  const come = happening<RequestReceived>();
  await attached(all, DISPATCH, { handlers: { requests: { onRequest: (event) => come.resolve(event) } } });
  all.alice.send('MESSAGE');
  await come.promise;
  all.alice.send('MESSAGE');
  const answer = (await all.alice.next()) as SipResponse;
  expect([answer.status, answer.reason]).toEqual([503, 'Server Busy']);
  (await come.promise).respond(200);
  expect(await all.alice.status()).toBe(200);
});

test('MarshalContent false keeps bodies from the application, and the body goes on', async () => {
  const all = await world();
  const come = happening<string>();
  const onRequest = (event: RequestReceived): void => {
    come.resolve(event.request.text);
    event.proxy();
  };
  await attached(all, `sipMessage.Transaction.MarshalContent = false; ${DISPATCH}`, { handlers: { requests: { onRequest } } });
  all.alice.send('MESSAGE', ['Content-Type: text/plain'], 'private');
  expect([await come.promise, (await all.bob.next()).body.toString()]).toEqual(['', 'private']);
});

test('a process that is killed in the middle of a transaction costs it nothing but the wait: the request goes on', async () => {
  const all = await world();
  const child = Child.start(all.socket, manifest(DISPATCH.replace('"onRequest", sipRequest.Method, 3, true, null', '"onRequest"')), 'hold');
  await child.said('attached guard');
  all.alice.send('INVITE');
  await child.said('request INVITE');
  await child.kill();
  const invite = (await all.bob.next()) as SipRequest;
  all.bob.answer(invite, 486);
  expect([invite.method, await all.alice.status()]).toEqual(['INVITE', 486]);
});

test('a manifest without proxyByDefault has such a request refused with 503, to be tried again', async () => {
  const all = await world();
  const elements = '<r:responseFilter reasonCodes="NONE"/><r:proxyByDefault action="false"/>';
  const child = Child.start(all.socket, manifest('Dispatch("onRequest");', elements), 'hold');
  await child.said('attached guard');
  all.alice.send('INVITE');
  await child.said('request INVITE');
  await child.kill();
  const answer = (await all.alice.next()) as SipResponse;
  expect([answer.status, answer.first('Retry-After'), all.bob.heard]).toEqual([503, '10', []]);
});

test('responses that a killed process held go on', async () => {
  const all = await world();
  const script = 'if (sipRequest) { ProxyRequest(""); } else { Dispatch("onRequest"); }';
  const child = Child.start(all.socket, manifest(script, '<r:responseFilter reasonCodes="2XX"/>'), 'hold');
  await child.said('attached guard');
  all.alice.send('MESSAGE');
  const message = (await all.bob.next()) as SipRequest;
  all.bob.answer(message, 200);
  // Its answer is on the way to the child when the child dies, or there: either way it must reach alice.
  await child.kill();
  expect(await all.alice.status()).toBe(200);
});

test('while its process is away the application lets messages pass, and takes them again when it is back', async () => {
  const all = await world();
  const text = manifest('if (!Dispatch("onRequest")) { Respond(503, "Busy"); }');
  const child = Child.start(all.socket, text, 'proxy');
  await child.said('attached guard');
  all.alice.send('MESSAGE');
  expect((await all.bob.next()).has('X-Child')).toBe(true);
  await child.kill();
  await all.logged('has left the chain');
  all.alice.send('MESSAGE');
  expect((await all.bob.next()).has('X-Child')).toBe(false);
  const again = Child.start(all.socket, text, 'proxy');
  await again.said('attached guard');
  all.alice.send('MESSAGE');
  expect((await all.bob.next()).has('X-Child')).toBe(true);
});
