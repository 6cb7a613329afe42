import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { installSignals } from '../../src/host/index.ts';
import { PluginFaults } from '../../src/host/plugin-faults.ts';
import type { HostCore } from '../../src/host/index.ts';
import { KeptLog } from './fixtures.ts';

class FakeProcess extends EventEmitter {
  readonly codes: number[] = [];

  exit(code: number): void {
    this.codes.push(code);
  }
}

function install(): {
  target: FakeProcess;
  log: KeptLog;
  close: () => Promise<void>;
  closes: () => number;
  uninstall: () => void;
  core: HostCore;
} {
  const target = new FakeProcess();
  const log = new KeptLog();
  const { promise, resolve } = Promise.withResolvers<void>();
  let closes = 0;
  const core = { log: log.logger.log, logger: log.logger, faults: new PluginFaults(log.logger.log) } as HostCore;
  const uninstall = installSignals({ core, close: () => (closes++, promise) }, target);
  const close = async (): Promise<void> => {
    resolve();
    await promise;
    await Promise.resolve();
  };
  return { target, log, close, closes: () => closes, uninstall, core };
}

test.each(['SIGTERM', 'SIGINT'])('%s closes the host, then ends the process', async (signal) => {
  const { target, close, closes } = install();
  target.emit(signal);
  expect([closes(), target.codes]).toEqual([1, []]);
  await close();
  expect(target.codes).toEqual([0]);
});

test('a second signal ends the process at once', () => {
  const { target, closes } = install();
  target.emit('SIGTERM');
  target.emit('SIGINT');
  expect([closes(), target.codes]).toEqual([1, [130]]);
  target.emit('SIGTERM');
  expect(target.codes).toEqual([130, 143]);
});

test('a promise that fails unhandled costs a line in the log, not the process', () => {
  const { target, log, closes } = install();
  target.emit('unhandledRejection', new Error('forgotten'));
  expect([closes(), target.codes]).toEqual([0, []]);
  expect(log.lines).toMatchObject([{ level: 'error', err: { message: 'forgotten' } }]);
});

test('an exception that nobody caught closes the host and ends the process with an error', async () => {
  const { target, log, close, closes } = install();
  target.emit('uncaughtException', new Error('astray'));
  expect(closes()).toBe(1);
  await close();
  expect(target.codes).toEqual([1]);
  expect(log.lines[0]).toMatchObject({ level: 'fatal', err: { message: 'astray' } });
});

test('all of it can be taken back', () => {
  const { target, uninstall } = install();
  uninstall();
  expect(target.eventNames()).toEqual([]);
});

test('an error that reached nobody is told with the plugin in whose folder it was thrown, and not with one that only carries the package', () => {
  const { target, log, core } = install();
  core.faults.know('fax', new URL('file:///srv/plugins/fax/'));
  const thrown = (...frames: string[]): Error => {
    const error = new Error('astray');
    error.stack = ['Error: astray', ...frames.map((frame) => `    at send (${frame}:1:2)`)].join('\n');
    return error;
  };
  target.emit('unhandledRejection', thrown('node:net', 'file:///srv/plugins/fax/dist/line.js', 'file:///srv/core/clock.js'));
  target.emit('uncaughtException', thrown('/srv/plugins/fax/dist/line.js'));
  target.emit('unhandledRejection', thrown('file:///srv/plugins/fax/node_modules/@parley/core/clock.js'));
  target.emit('unhandledRejection', thrown('file:///srv/plugins/faxes/dist/line.js'));
  const of = log.lines.filter(({ err }) => err !== undefined).map(({ level, plugin }) => [level, plugin]);
  expect(of).toEqual([
    ['error', 'fax'],
    ['fatal', 'fax'],
    ['error', 'unknown'],
    ['error', 'unknown'],
  ]);
});
