import { expect, test } from 'vitest';
import { nextHopBy } from '../../src/dialog/index.ts';
import { SipRequest, SipUri } from '../../src/sip/index.ts';
import { TransportErrors } from '../../src/transport/index.ts';
import type { Destination, Flow } from '../../src/transport/index.ts';

const NEXT = SipUri.parse('sip:bob@192.0.2.2;transport=tcp');
const HERE: Destination = { transport: 'TCP', host: '192.0.2.2', port: 5060 };
const THERE: Destination = { transport: 'TCP', host: '192.0.2.3', port: 5060 };

const REQUEST = SipRequest.create('NOTIFY', NEXT.raw, [['Call-ID', '1']]);
const LARGE = SipRequest.create('NOTIFY', NEXT.raw, [['Subject', 'x'.repeat(1_300)]]);

function flow(parts: { readonly client: boolean; readonly open?: boolean }): Flow {
  return { open: parts.open ?? true, trusted: !parts.client, listener: parts.client ? {} : undefined } as never;
}

function hop(known: readonly Destination[] | undefined, open: Flow | undefined, connectable: Record<string, Flow> = {}) {
  const transport = {
    flowFor: () => open,
    connect: ({ host }: Destination) =>
      connectable[host] === undefined ? Promise.reject(new Error(host)) : Promise.resolve(connectable[host]),
  };
  return nextHopBy(transport, { resolveNow: () => known as never, resolve: () => Promise.resolve([HERE, THERE]) });
}

test('a client is reached on the connection that it has made', () => {
  const client = flow({ client: true });
  expect(hop([HERE], undefined)(NEXT, client, REQUEST)).toBe(client);
});
test('a client whose connection is closed is not reached at all', () => {
  expect(() => hop([HERE], undefined)(NEXT, flow({ client: true, open: false }), REQUEST)).toThrow(
    expect.objectContaining({ code: 'DIALOG_UNREACHABLE', status: 503 }),
  );
});
test('a server is reached where its URI says, at once when there is a connection', () => {
  const open = flow({ client: false });
  expect(hop([HERE], open)(NEXT, flow({ client: false }), REQUEST)).toBe(open);
  expect(hop([HERE], open)(NEXT, undefined, REQUEST)).toBe(open);
});
test('a server is connected to at the first of its addresses that answers', async () => {
  const opened = flow({ client: false });
  await expect(hop(undefined, undefined, { [THERE.host]: opened })(NEXT, undefined, REQUEST)).resolves.toBe(opened);
});
test('a server that cannot be connected to is unreachable', async () => {
  await expect(hop([HERE], undefined)(NEXT, undefined, REQUEST)).rejects.toMatchObject({
    code: 'DIALOG_UNREACHABLE',
    cause: new Error(HERE.host),
  });
});

test.each([
  ['by TCP', 'TCP', undefined],
  ['in a datagram when TCP is refused', 'UDP', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
])('RFC 3261 18.1.1: a large request goes %s', async (_how, wanted, refused) => {
  const udp: Destination = { transport: 'UDP', host: '192.0.2.2', port: 5060 };
  const transport = {
    flowFor: ({ transport: asked }: Destination) => (asked === 'UDP' ? ({ transport: asked } as Flow) : undefined),
    connect: ({ transport: asked }: Destination) =>
      asked === 'TCP' && refused !== undefined
        ? Promise.reject(TransportErrors.TRANSPORT_CONNECT_FAILED({}, { cause: refused }))
        : Promise.resolve({ transport: asked } as Flow),
  };
  const next = nextHopBy(transport, { resolveNow: () => [udp] as never, resolve: () => Promise.resolve([udp]) });
  expect(await next(NEXT, undefined, LARGE)).toMatchObject({ transport: wanted });
  expect(await next(NEXT, undefined, REQUEST)).toMatchObject({ transport: 'UDP' });
});
