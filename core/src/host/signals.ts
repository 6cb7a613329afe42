/** Signals and stray errors of the process, turned into what an operator expects of a server. */
import type { Host } from './host.ts';

/** The part of `process` that is used; tests pass their own. */
export type SignalProcess = Pick<NodeJS.EventEmitter, 'on' | 'off'> & { exit(code: number): void };

/** Exit codes after a second signal: 128 and its number, as shells show it. */
const AT_ONCE = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * SIGTERM and SIGINT close the host and end the process; a second one ends it at once. SIGHUP opens the log file again. A promise
 * that fails unhandled, in whatever plugin, is logged and counted; an exception that nobody caught closes the server with code 1,
 * because nothing is known of the state it left.
 * @returns takes all of it back
 */
export function installSignals(host: Pick<Host, 'close' | 'core'>, target: SignalProcess = process): () => void {
  const { log, logger, faults } = host.core;
  let closing = false;
  const close = (code: number): void => {
    closing = true;
    void host.close().then(() => target.exit(code));
  };
  const terminate = (signal: keyof typeof AT_ONCE): void => {
    if (closing) {
      log.warn({ signal }, 'a second signal: ending at once');
      logger.flush();
      target.exit(AT_ONCE[signal]);
      return;
    }
    log.info({ signal }, 'asked to stop');
    close(0);
  };
  const listeners: readonly (readonly [string, (argument: unknown) => void])[] = [
    ['SIGTERM', () => terminate('SIGTERM')],
    ['SIGINT', () => terminate('SIGINT')],
    ['SIGHUP', () => logger.reopen()],
    ['unhandledRejection', (err) => faults.report(faults.ownerOf(err) ?? 'unknown', 'a promise that nobody waited for', err)],
    [
      'uncaughtException',
      (err) => {
        const plugin = faults.ownerOf(err);
        log.fatal({ err, ...(plugin === undefined ? {} : { plugin }) }, 'an exception that nobody caught: closing');
        logger.flush();
        if (closing) target.exit(1);
        else close(1);
      },
    ],
  ];
  for (const [event, listener] of listeners) target.on(event, listener);
  return () => {
    for (const [event, listener] of listeners) target.off(event, listener);
  };
}
