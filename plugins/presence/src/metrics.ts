/** Figures of presence for operators. */
import type { MetricSample, PluginScope } from '@parley/sdk';
import { Commits } from './commits.ts';
import { FanOut } from './fan-out.ts';
import { PresenceHandler } from './handler.ts';
import { PlainPublishing } from './plain-publish.ts';
import { SelfSubscriptions } from './self-subscriptions.ts';
import { Services } from './services.ts';
import { SoapServices } from './soap-services.ts';
import { Subscriptions } from './subscriptions.ts';
import { Watched } from './watched.ts';

/** Registers them. */
export function registerMetrics(scope: PluginScope): void {
  const handler = scope.resolve(PresenceHandler);
  const services = scope.resolve(Services);
  const soap = scope.resolve(SoapServices);
  const plain = scope.resolve(PlainPublishing);
  const subscriptions = scope.resolve(Subscriptions);
  const own = scope.resolve(SelfSubscriptions);
  const watched = scope.resolve(Watched);
  const fanOut = scope.resolve(FanOut);
  const commits = scope.resolve(Commits);
  scope.metric({
    name: 'parley_presence_requests_total',
    help: 'Requests to publish and to subscribe, by kind',
    type: 'counter',
    labels: ['kind'],
    collect: () =>
      samples('kind', {
        ...services.counts,
        ...soap.counts,
        plainPublish: plain.counts.publish,
        ...subscriptions.counts,
        ...handler.counts,
      }),
  });
  scope.metric({
    name: 'parley_presence_subscriptions',
    help: 'Subscriptions that run: to the own user, and to others',
    type: 'gauge',
    labels: ['kind'],
    collect: () => samples('kind', { self: own.size, presence: subscriptions.size, contacts: watched.size }),
  });
  scope.metric({
    name: 'parley_presence_notifications_total',
    help: 'Notifications sent, and those that had to wait and were told the latest state only',
    type: 'counter',
    labels: ['result'],
    collect: () => samples('result', fanOut.counts),
  });
  scope.metric({
    name: 'parley_presence_notifications_waiting',
    help: 'Subscriptions that are to be told something',
    type: 'gauge',
    collect: () => fanOut.size,
  });
  scope.metric({
    name: 'parley_presence_commits_waiting',
    help: 'Changes that are not committed yet',
    type: 'gauge',
    collect: () => commits.size,
  });
  scope.health('store', () =>
    commits.failure === undefined
      ? { state: 'ok', detail: 'what is published is stored' }
      : { state: 'fail', detail: 'presence cannot be written to the store', fix: 'See the log for what is wrong with the store.' },
  );
}

function samples(label: string, counts: Readonly<Record<string, number>>): MetricSample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
}
