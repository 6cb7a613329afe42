import { describe, expect, test } from 'vitest';
import { ADMIT, FakeClock, Inbound, PASS, SipRequest, SipResponse } from '@parley/core';
import type { Challenger, Flow, Gate, GateHeaders, GateVerdict } from '@parley/core';
import { GatePassage } from '../../src/host/gate-passage.ts';

const FLOW = { id: 1, transport: 'TCP', reliable: true } as Flow;

function request(method = 'INVITE'): SipRequest {
  return SipRequest.create(method, 'sip:bob@example.com', [
    ['Via', 'SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1'],
    ['From', '<sip:alice@example.com>;tag=1'],
    ['To', '<sip:bob@example.com>'],
    ['Call-ID', 'c'],
    ['CSeq', `1 ${method}`],
  ]);
}

function gate(order: number, verdict: (inbound: Inbound) => GateVerdict | Promise<GateVerdict>): Gate {
  return { name: `gate ${order}`, order, check: verdict };
}

function offers(name: string, order: number): Challenger {
  return { name, order, challenge: () => [`${name} realm="r"`] };
}

/** Passes messages and writes down what becomes of them. */
function passage(gates: readonly Gate[], challengers: readonly Challenger[] = []) {
  const received: Inbound[] = [];
  const refused: { status: number; headers: GateHeaders | undefined }[] = [];
  const failed: string[] = [];
  const transactions = {
    receive: (inbound: Inbound) => void received.push(inbound),
    refuse: (_: Inbound, status: number, _reason?: string, headers?: GateHeaders) => void refused.push({ status, headers }),
  };
  const clock = new FakeClock(Date.UTC(2017, 9, 24, 13, 28, 50));
  const it = new GatePassage(transactions, clock, (name) => void failed.push(name));
  it.use({ gates, challengers });
  return { received, refused, failed, it, send: (message: SipRequest | SipResponse) => it.pass(new Inbound(message, FLOW)) };
}

test('gates are asked in ascending order, and the first that refuses ends it', () => {
  const asked: number[] = [];
  const note = (order: number, verdict: GateVerdict): Gate => gate(order, () => (asked.push(order), verdict));
  const { send, refused, received } = passage([note(300, PASS), note(100, PASS), note(200, { respond: 403 })]);
  send(request());
  expect(asked).toEqual([100, 200]);
  expect(refused).toMatchObject([{ status: 403 }]);
  expect(received).toEqual([]);
});

describe('challenges', () => {
  const challengers = [offers('Digest', 100), offers('NTLM', 10), offers('Kerberos', 20)];

  test('RFC 3261 22.1, MS-SIPAE R3, R21: one 401 has the challenges of all, in their order, and Date', () => {
    const { send, refused } = passage([gate(200, () => ({ challenge: 401, headers: [['ms-diagnostics', '1000']] }))], challengers);
    send(request());
    expect(refused).toEqual([
      {
        status: 401,
        headers: [
          ['Date', 'Tue, 24 Oct 2017 13:28:50 GMT'],
          ['WWW-Authenticate', 'NTLM realm="r"'],
          ['WWW-Authenticate', 'Kerberos realm="r"'],
          ['WWW-Authenticate', 'Digest realm="r"'],
          ['ms-diagnostics', '1000'],
        ],
      },
    ]);
  });

  test('RFC 3261 22.3: a 407 carries them in Proxy-Authenticate', () => {
    const { send, refused } = passage([gate(300, () => ({ challenge: 407 }))], [offers('Digest', 100)]);
    send(request());
    expect(refused[0]?.headers).toContainEqual(['Proxy-Authenticate', 'Digest realm="r"']);
  });

  test('a scheme that the sender does not show to know is left out, unless there is no other', () => {
    const reserved = (name: string): Challenger => ({ ...offers(name, 10), suits: ({ message }) => message.from.epid !== undefined });
    const schemes = (challengers: readonly Challenger[], message: SipRequest): unknown => {
      const { send, refused } = passage([gate(200, () => ({ challenge: 401 }))], challengers);
      send(message);
      return refused[0]?.headers?.flatMap(([name, value]) => (name === 'WWW-Authenticate' ? [value] : []));
    };
    const ofEndpoint = request();
    ofEndpoint.set('From', '<sip:alice@example.com>;tag=1;epid=01');
    expect(schemes([reserved('NTLM'), offers('Digest', 100)], request())).toEqual(['Digest realm="r"']);
    expect(schemes([reserved('NTLM'), offers('Digest', 100)], ofEndpoint)).toEqual(['NTLM realm="r"', 'Digest realm="r"']);
    expect(schemes([reserved('NTLM')], request())).toEqual(['NTLM realm="r"']);
  });

  test.each(['ACK', 'CANCEL'])('MS-SIPAE R2: %s is dropped where others are challenged', (method) => {
    const { send, refused, received } = passage([gate(200, () => ({ challenge: 401 }))], challengers);
    send(request(method));
    expect([refused, received]).toEqual([[], []]);
  });

  test('a request that no gate has vouched for is challenged at the end, and never let in', () => {
    const { send, refused, received } = passage([gate(200, () => PASS)], challengers);
    send(request());
    send(request('ACK'));
    expect(refused).toMatchObject([{ status: 401 }]);
    expect(received).toEqual([]);
  });

  test('the same for a gate that takes its time', async () => {
    const { send, refused, received } = passage([gate(200, () => Promise.resolve<GateVerdict>(PASS))], challengers);
    send(request());
    await Promise.resolve();
    await Promise.resolve();
    expect(refused).toMatchObject([{ status: 401 }]);
    expect(received).toEqual([]);
  });

  test('in comes who is known, whom a gate admits unknown, every response, and all where nobody challenges', () => {
    const knows = (inbound: Inbound): GateVerdict => {
      inbound.identity = { aor: 'alice@example.com', mechanism: 'ntlm' };
      return PASS;
    };
    for (const [gates, offered, message] of [
      [[gate(200, knows)], challengers, request()],
      [[gate(200, () => ADMIT), gate(300, () => PASS)], challengers, request()],
      [[gate(200, () => PASS)], challengers, SipResponse.reply(request(), 200)],
      [[gate(200, () => PASS)], [], request()],
    ] as const) {
      const { send, received } = passage(gates, offered);
      send(message);
      expect(received).toHaveLength(1);
    }
  });

  test('admitted by a gate before one that takes its time stays admitted', async () => {
    const { send, received } = passage([gate(200, () => ADMIT), gate(300, () => Promise.resolve<GateVerdict>(PASS))], challengers);
    send(request());
    await Promise.resolve();
    await Promise.resolve();
    expect(received).toHaveLength(1);
  });

  test('a challenger that fails lets nothing through', () => {
    const broken: Challenger = {
      name: 'broken',
      order: 1,
      challenge: () => {
        throw new Error('broken');
      },
    };
    const { send, refused, failed, received } = passage([gate(200, () => PASS)], [broken]);
    send(request());
    expect([refused[0]?.status, failed, received]).toEqual([500, ['challenge'], []]);
  });
});

test('ACKs and CANCELs of known transactions pass the gates only where a gate wants to see them', () => {
  const { it } = passage([{ ...gate(200, () => PASS), guards: (flow) => flow === FLOW }, gate(300, () => PASS)]);
  expect(it.isGuarded(FLOW)).toBe(true);
  expect(it.isGuarded({ ...FLOW, id: 2 })).toBe(false);
});

test('a gate that fails to say whether it wants to see them sees them', () => {
  const guards = (): never => {
    throw new Error('no idea');
  };
  const { it, failed } = passage([{ ...gate(200, () => PASS), guards }]);
  expect(it.isGuarded(FLOW)).toBe(true);
  expect(failed).toEqual(['gate 200']);
});
