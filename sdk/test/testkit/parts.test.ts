/** The parts for tests of single classes: flow, messages, bus, log, store. */
import { describe, expect, test } from 'vitest';
import { requestSubject, subject } from '@parley/core';
import type { Migration } from '@parley/core';
import { FakeClock, TEST_STORES, testBus, testFlow, testLog, testRequest, testResponse, testStore } from '../../src/testkit/index.ts';

describe('testFlow', () => {
  test('keeps what is written, and takes nothing more once it is closed', () => {
    const flow = testFlow();
    expect([flow.write(Buffer.from('a')), flow.write(Buffer.from('b'))]).toEqual([true, true]);
    flow.close('enough');
    flow.close('again');
    expect(flow.write(Buffer.from('c'))).toBe(false);
    expect(flow).toMatchObject({ open: false, closedFor: 'enough', written: [Buffer.from('a'), Buffer.from('b')] });
  });

  test.each([
    ['TCP', { reliable: true, secure: false, id: expect.toSatisfy((id: number) => id > 0), local: { host: '192.0.2.1', port: 5060 } }],
    ['TLS', { reliable: true, secure: true, local: { host: '192.0.2.1', port: 5061 } }],
    ['WSS', { reliable: true, secure: true }],
    ['UDP', { reliable: false, secure: false, id: 0 }],
  ] as const)('over %s has what goes with it', (transport, expected) => {
    expect(testFlow({ transport })).toMatchObject(expected);
  });

  test('two connections have two numbers, and a certificate its name', () => {
    expect(testFlow().id).not.toBe(testFlow().id);
    const flow = testFlow({ tlsPeer: 'sip.example.org', trusted: true });
    expect([flow.hasTlsName('sip.example.org'), flow.hasTlsName('sip.example.net'), flow.trusted]).toEqual([true, false, true]);
  });
});

describe('testRequest and testResponse', () => {
  test('add the mandatory fields that are not written, and put line ends and Content-Length right', () => {
    const request = testRequest(`
MESSAGE sip:bob@example.com SIP/2.0
f: <sip:carol@example.com>;tag=7
Content-Type: text/plain
Content-Length: 99

two
lines`);
    expect([request.method, request.from.uri.userAtHost, request.to.uri.userAtHost, request.cseq.number]).toEqual([
      'MESSAGE',
      'carol@example.com',
      'bob@example.com',
      1,
    ]);
    expect(request.body.toString()).toBe('two\nlines');
    expect(request.list('From')).toHaveLength(1);
  });

  test('take lines as well; a REGISTER is to who sends it', () => {
    expect(testRequest(['REGISTER sip:example.com SIP/2.0', 'Expires: 0']).to.uri.userAtHost).toBe('alice@example.com');
    const response = testResponse(['SIP/2.0 486 Busy Here', 'CSeq: 3 INVITE']);
    expect([response.status, response.cseq.number, response.to.tag]).toEqual([486, 3, 'bob']);
  });

  test('throw what the parser says, and do not take one for the other', () => {
    expect(() => testRequest('INVITE')).toThrow();
    expect(() => testRequest(['BYE sip:bob@example.com SIP/2.0', 'no field'])).toThrow();
    expect(() => testRequest('SIP/2.0 200 OK')).toThrow(/response/);
    expect(() => testResponse('BYE sip:bob@example.com SIP/2.0')).toThrow(/request/);
  });
});

describe('testBus', () => {
  const Rang = subject<{ readonly who: string }>('phone.rang');
  const Sum = requestSubject<readonly number[], number>('sum');

  test('tells at once, keeps what was told, and stops when asked to', () => {
    const bus = testBus();
    const heard: string[] = [];
    const stop = bus.subscribe(Rang, ({ who }) => void heard.push(who));
    bus.publish(Rang, { who: 'alice' });
    expect(heard).toEqual(['alice']);
    stop();
    bus.publish(Rang, { who: 'bob' });
    expect(heard).toEqual(['alice']);
    expect(bus.published).toEqual([
      { subject: 'phone.rang', message: { who: 'alice' } },
      { subject: 'phone.rang', message: { who: 'bob' } },
    ]);
    expect(bus.of(Rang)).toEqual([{ who: 'alice' }, { who: 'bob' }]);
  });

  test('waits for listeners that take their time, and tells what went wrong in them', async () => {
    const bus = testBus();
    const stop = bus.subscribe(Rang, () => Promise.reject(new Error('no line')));
    bus.publish(Rang, { who: 'alice' });
    await expect(bus.idle()).rejects.toThrow('no line');
    stop();
    bus.publish(Rang, { who: 'bob' });
    await expect(bus.idle()).resolves.toBeUndefined();
  });

  test('asks the one who answers', async () => {
    const bus = testBus();
    await expect(bus.request(Sum, [1])).rejects.toThrow(/nobody answers/i);
    const stop = bus.answer(Sum, (numbers) => numbers.reduce((sum, number) => sum + number));
    expect(() => bus.answer(Sum, () => 0)).toThrow(/answers on "sum" already/);
    await expect(bus.request(Sum, [1, 2])).resolves.toBe(3);
    stop();
    await expect(bus.request(Sum, [1])).rejects.toThrow(/nobody answers/i);
  });
});

test('testLog keeps level, message and fields of its lines and its children’s', () => {
  const log = testLog();
  log.info('up');
  log.child({ plugin: 'p' }).warn({ user: 'alice' }, 'slow');
  expect(log.lines).toEqual([
    { level: 'info', message: 'up', fields: {} },
    { level: 'warn', message: 'slow', fields: { plugin: 'p', user: 'alice' } },
  ]);
});

describe.each(TEST_STORES)('testStore on %s', (on) => {
  interface Tables {
    names: { name: string };
  }
  const migrations: Readonly<Record<string, Migration>> = {
    '001': { up: async (db) => db.schema.createTable('names').addColumn('name', 'text').execute() },
  };

  test('is migrated and empty, each time', async () => {
    for (const name of ['alice', 'bob']) {
      await using store = await testStore<Tables>(migrations, { on, clock: new FakeClock() });
      expect(store.dialect).toBe(on);
      await store.write((trx) => trx.insertInto('names').values({ name }).execute());
      expect(await store.read.selectFrom('names').select('name').execute()).toEqual([{ name }]);
    }
  });

  test('is gone when it is closed, and may be closed twice', async () => {
    const store = await testStore<Tables>(migrations, { on });
    await store.close();
    await store.close();
    await expect(store.read.selectFrom('names').select('name').execute()).rejects.toThrow();
  });
});
