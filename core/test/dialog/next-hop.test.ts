import { expect, test } from 'vitest';
import { nextHopBy } from '../../src/dialog/index.ts';
import { SipUri } from '../../src/sip/index.ts';
import type { Destination, Flow } from '../../src/transport/index.ts';

const NEXT = SipUri.parse('sip:bob@192.0.2.2;transport=tcp');
const HERE: Destination = { transport: 'TCP', host: '192.0.2.2', port: 5060 };
const THERE: Destination = { transport: 'TCP', host: '192.0.2.3', port: 5060 };

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
  expect(hop([HERE], undefined)(NEXT, client)).toBe(client);
});
test('a client whose connection is closed is not reached at all', () => {
  expect(() => hop([HERE], undefined)(NEXT, flow({ client: true, open: false }))).toThrow(
    expect.objectContaining({ code: 'DIALOG_UNREACHABLE', status: 503 }),
  );
});
test('a server is reached where its URI says, at once when there is a connection', () => {
  const open = flow({ client: false });
  expect(hop([HERE], open)(NEXT, flow({ client: false }))).toBe(open);
  expect(hop([HERE], open)(NEXT, undefined)).toBe(open);
});
test('a server is connected to at the first of its addresses that answers', async () => {
  const opened = flow({ client: false });
  await expect(hop(undefined, undefined, { [THERE.host]: opened })(NEXT, undefined)).resolves.toBe(opened);
});
test('a server that cannot be connected to is unreachable', async () => {
  await expect(hop([HERE], undefined)(NEXT, undefined)).rejects.toMatchObject({ code: 'DIALOG_UNREACHABLE', cause: new Error(HERE.host) });
});
