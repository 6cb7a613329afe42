/** Figures and checks of transport and transactions, for those who watch the server. */
import type { TransactionLayer } from '../transaction/index.ts';
import type { TransportLayer } from '../transport/index.ts';
import type { Extensions } from './extensions.ts';
import type { LoadShedder } from './load-shedder.ts';
import type { Metric, MetricSample } from './telemetry.ts';

/** Registers the SIP floors' metrics and health checks. */
export function registerSipTelemetry(
  extensions: Extensions,
  transport: TransportLayer,
  transactions: TransactionLayer,
  shedder: LoadShedder,
): void {
  const add = (metric: Metric): void => void extensions.metrics.add('core', metric);
  const perTransport = (read: (counters: ReturnType<TransportLayer['stats']>['transports']['UDP']) => number) => (): MetricSample[] =>
    Object.entries(transport.stats().transports).map(([name, counters]) => ({
      labels: { transport: name.toLowerCase() },
      value: read(counters),
    }));
  const labels = ['transport'];
  add({
    name: 'parley_messages_received_total',
    help: 'SIP messages received',
    type: 'counter',
    labels,
    collect: perTransport((c) => c.messagesIn),
  });
  add({
    name: 'parley_messages_sent_total',
    help: 'SIP messages sent',
    type: 'counter',
    labels,
    collect: perTransport((c) => c.messagesOut),
  });
  add({ name: 'parley_connections', help: 'Connections open now', type: 'gauge', labels, collect: perTransport((c) => c.open) });
  add({
    name: 'parley_messages_dropped_total',
    help: 'What came from the wire and went no further, by cause',
    type: 'counter',
    labels: ['cause'],
    collect: () => Object.entries(transport.stats().drops).map(([cause, value]) => ({ labels: { cause }, value })),
  });
  add({
    name: 'parley_transactions',
    help: 'Transactions alive now',
    type: 'gauge',
    labels: ['role', 'kind'],
    collect: () => {
      const { server, client } = transactions.size;
      return [
        { labels: { role: 'server', kind: 'invite' }, value: server.invite },
        { labels: { role: 'server', kind: 'other' }, value: server.nonInvite },
        { labels: { role: 'client', kind: 'invite' }, value: client.invite },
        { labels: { role: 'client', kind: 'other' }, value: client.nonInvite },
      ];
    },
  });
  add({
    name: 'parley_answered_calls',
    help: 'Calls answered in the last 32 seconds, of which late answers are still passed on',
    type: 'gauge',
    collect: () => transactions.size.answeredCalls,
  });
  add({
    name: 'parley_requests_shed_total',
    help: 'New requests refused because the server was overloaded',
    type: 'counter',
    collect: () => shedder.refusedTotal,
  });
  extensions.healthChecks.add('core', {
    name: 'load',
    check: () =>
      shedder.shedding
        ? {
            state: 'warn',
            detail: 'more work arrives than can be done; new requests get 503',
            fix: 'Add a server, or find out who sends so much: parley status.',
          }
        : { state: 'ok', detail: 'the server keeps up' },
  });
}
