/** What the SIP server tells `parley status` and `parley routes`. */
import type { ChainedApplication, Manifest } from '../script/index.ts';
import type { TransactionLayer } from '../transaction/index.ts';
import type { Listener, TransportLayer } from '../transport/index.ts';
import type { LoadShedder } from './load-shedder.ts';

/** Listeners, connections, transactions; a group of figures each. */
export function serverStatus(
  transport: TransportLayer,
  transactions: TransactionLayer,
  shedder: LoadShedder,
): Readonly<Record<string, unknown>> {
  const { transports, connections, halfOpen, drops, refused } = transport.stats();
  const used = Object.entries(transports).filter(([, counters]) => counters.messagesIn + counters.messagesOut + counters.open > 0);
  return {
    listeners: Object.fromEntries(transport.listeners.map((listener, i) => [i + 1, describe(listener)])),
    connections: { open: connections, halfOpen },
    messages: Object.fromEntries(
      used.map(([name, { messagesIn, messagesOut }]) => [name.toLowerCase(), { in: messagesIn, out: messagesOut }]),
    ),
    transactions: { ...transactions.size, ...transactions.counters },
    refused,
    dropped: Object.fromEntries(Object.entries(drops).filter(([, count]) => count > 0)),
    shedding: { now: shedder.shedding, refused: shedder.refusedTotal },
  };
}

/** `tcp 0.0.0.0:5060` */
function describe({ transport, address }: Listener): string {
  return `${transport.toLowerCase()} ${address.host}:${address.port}`;
}

/** A row an application, in chain order. */
export function routeRows(applications: readonly ChainedApplication[]): object[] {
  return applications.map(({ name, compiled, disabled, criticalErrors, available }, index) => ({
    order: index + 1,
    name,
    state: disabled ? 'stopped' : available?.() === false ? 'away' : 'enabled',
    methods: methodsText(compiled.manifest),
    responses:
      typeof compiled.manifest.reasonCodes === 'string'
        ? compiled.manifest.reasonCodes
        : [...compiled.manifest.reasonCodes].map((c) => `${c}xx`).join(','),
    inDialog: compiled.manifest.strictRoute,
    unhandled: compiled.manifest.proxyByDefault ? 'passes on' : 'stops',
    errors: criticalErrors,
    appUri: compiled.appUri,
  }));
}

/** The requests that an application wants: `ALL`, or `INVITE,MESSAGE`. */
export function methodsText({ methods }: Manifest): string {
  return typeof methods === 'string' ? methods : [...methods].join(',');
}
