import { expect, test } from 'vitest';
import { Bus, Clock, inject, injectable, subject } from '@parley/sdk';
import type { PluginSpec } from '@parley/sdk';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { authored } from './authored.ts';

const Rung = subject<string>('bells.rung');

/** A server with a plugin `bells` that has this class, and the lines of its log. */
const serving = (handler: NonNullable<PluginSpec['handler']>): Promise<TestServer> =>
  testServer({ plugins: [authored('bells', { handler, scripts: [] })], log: 'warn' });

test("what a plugin's timer throws is logged with its name, and the server goes on", async () => {
  @injectable()
  class Handler {
    constructor(@inject(Clock) private readonly clock: Clock) {}

    start(): void {
      this.clock.timers.start(1_000, function ring() {
        throw new Error('no bell');
      });
      this.clock.timers.start(2_000, () => Promise.reject(new Error('no hammer')));
    }
  }
  await using server = await serving(Handler);
  await server.advance('3s');
  expect(server.log).toMatchObject([
    { plugin: 'bells', where: 'a timer that calls ring', err: { message: 'no bell' } },
    { plugin: 'bells', where: 'a timer', err: { message: 'no hammer' } },
  ]);
  expect(server.host.state).toBe('running');
  expect(server.figure('parley_plugin_faults_total{plugin="bells"}')).toBe(2);
});

test("what a plugin's subscriber on the bus throws is logged with its name, and reaches no other", async () => {
  const heard: string[] = [];
  @injectable()
  class Handler {
    constructor(@inject(Bus) private readonly bus: Bus) {}

    start(): void {
      this.bus.subscribe(Rung, () => {
        throw new Error('deaf');
      });
      this.bus.subscribe(Rung, () => Promise.reject(new Error('deaf later')));
      this.bus.subscribe(Rung, (hour) => void heard.push(hour));
    }
  }
  await using server = await serving(Handler);
  server.host.core.bus.publish(Rung, 'noon');
  await server.settle();
  expect(heard).toEqual(['noon']);
  expect(server.log).toMatchObject([
    { plugin: 'bells', where: 'a subscriber of bells.rung', err: { message: 'deaf' } },
    { plugin: 'bells', where: 'a subscriber of bells.rung', err: { message: 'deaf later' } },
  ]);
});
