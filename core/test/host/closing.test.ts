/** What is gone when a host has closed, and in which order. */
import { expect, test } from 'vitest';
import { PASS, Transport, coreService } from '../../src/host/index.ts';
import type { Gate } from '../../src/host/index.ts';
import { boot, plugin, recorder } from './fixtures.ts';

test('what a plugin registers is there while it runs, in order, and gone with it', async () => {
  const gate = (name: string, order: number): Gate => ({ name, order, check: () => PASS });
  const closed: string[] = [];
  const registers = plugin('registers', {
    setup: (scope) => {
      scope.gate(gate('late', 300));
      scope.gate(gate('early', 100));
      scope.stamp({ name: 'stamp', order: 1, apply: () => undefined });
      scope.byteStage({ name: 'stage', order: 1, open: () => undefined });
      scope.health('me', () => ({ state: 'ok', detail: 'fine' }));
      scope.metric({ name: 'parley_me', help: 'Me', type: 'gauge', collect: () => 1 });
      scope.endpoints({
        endpoints: (aor) => [
          {
            contact: `sip:${aor};x`,
            epid: undefined,
            instance: undefined,
            methods: [],
            q: 1000,
            flow: undefined,
            destination: undefined,
            reachable: true,
            path: [],
          },
        ],
      });
      scope.certificates({ certificateFor: () => undefined, onChange: () => () => undefined });
      scope.onClose(() => void closed.push('first'));
      scope.onClose(() => void closed.push('second'));
    },
    commands: [{ path: 'me show', summary: 'Shows me.', examples: [], run: () => ({ text: 'me' }) }],
  });
  const { host } = await boot([registers]);
  const { extensions } = host;
  expect(extensions.gates.values.map((g) => g.name)).toEqual(['early', 'late']);
  expect(extensions.gates.entries[0]?.plugin).toBe('registers');
  expect(host.command('me show')?.scope.name).toBe('registers');
  expect(extensions.endpoints.endpoints('bob@example.com')).toMatchObject([{ contact: 'sip:bob@example.com;x' }]);
  const lists = [extensions.gates, extensions.stamps, extensions.byteStages, extensions.certificates];
  expect(lists.map((list) => list.entries.length)).toEqual([2, 1, 1, 1]);
  await host.close();
  expect(lists.map((list) => list.entries.length)).toEqual([0, 0, 0, 0]);
  expect([...extensions.healthChecks.entries, ...extensions.metrics.entries].map((entry) => entry.plugin)).not.toContain('registers');
  expect(extensions.endpoints.endpoints('bob@example.com')).toEqual([]);
  expect(host.command('me show')).toBeUndefined();
  expect(closed).toEqual(['second', 'first']);
});

test('closing drains before anything stops: hooks and services too, each within its limit', async () => {
  const calls: string[] = [];
  const say = (what: string) => (): void => void calls.push(what);
  const { promise: stuck } = Promise.withResolvers<void>();
  const { host, clock, log } = await boot([plugin('p', { handler: recorder().part('p') })], {
    services: () => [coreService(Transport, {} as Transport, { drain: say('drain transport'), stop: say('stop transport') })],
  });
  host.onDrain('stuck', () => stuck);
  host.onDrain('broken', () => Promise.reject(new Error('cannot drain')));
  host.onStop('listeners', say('stop listeners'));
  host.onStop('control', say('stop control'));
  const closing = host.close();
  expect(host.state).toBe('draining');
  expect(host.close()).toBe(closing);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toEqual(['drain transport']);
  clock.advance(10_000);
  await closing;
  expect(calls).toEqual(['drain transport', 'stop control', 'stop listeners', 'stop transport']);
  expect(host.state).toBe('closed');
  expect(log.lines).toContainEqual(expect.objectContaining({ part: 'broken', msg: 'drain failed' }));
  expect(log.lines).toContainEqual(expect.objectContaining({ part: 'stuck', msg: 'drain failed' }));
});

test('a plugin that fails to stop is logged and holds up nobody', async () => {
  class Sticky {
    stop(): Promise<void> {
      return Promise.reject(new Error('stuck'));
    }
  }
  const { calls, part } = recorder();
  const { host, log } = await boot([plugin('other', { handler: part('other') }), plugin('sticky', { handler: Sticky })]);
  await host.close();
  expect(calls).toContain('stop other');
  expect(log.lines).toContainEqual(expect.objectContaining({ plugin: 'sticky', msg: 'stop() of Sticky failed' }));
});
