/** A connection that leads nowhere and keeps what is written to it. */
import type { Flow } from '@parley/core';

/** A flow of a test. Everything that a plugin only reads can be changed by the test. */
export interface TestFlow extends Flow {
  open: boolean;
  /** What was written, message by message. */
  readonly written: readonly Buffer[];
  /** What it was closed for; undefined while it is open. */
  readonly closedFor: string | undefined;
}

let lastId = 0;

/**
 * A connection from 198.51.100.7:40000 to 192.0.2.1, over TCP unless `shape` says otherwise. `reliable`, `secure`, the local port and `id`
 * (one of its own; 0 for UDP) follow the transport, `hasTlsName` follows `tlsPeer`. Once closed it takes nothing more.
 */
export function testFlow(shape: Partial<Flow> = {}): TestFlow {
  const { transport = 'TCP', tlsPeer = '' } = shape;
  const secure = transport === 'TLS' || transport === 'WSS';
  const reliable = transport !== 'UDP';
  const written: Buffer[] = [];
  const closed: { for: string | undefined } = { for: undefined };
  const flow: TestFlow = {
    id: reliable ? ++lastId : 0,
    transport,
    reliable,
    secure,
    local: { host: '192.0.2.1', port: secure ? 5061 : 5060 },
    remote: { host: '198.51.100.7', port: 40_000 },
    listener: undefined,
    tlsPeer,
    open: true,
    authenticated: false,
    trusted: false,
    hasTlsName: (name) => name === tlsPeer,
    written,
    get closedFor() {
      return closed.for;
    },
    write: (bytes) => flow.open && written.push(bytes) > 0,
    close: (reason) => {
      flow.open = false;
      closed.for ??= reason;
    },
  };
  return Object.assign(flow, shape);
}
