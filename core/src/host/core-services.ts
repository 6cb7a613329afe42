/** What core itself puts into the containers, and how the parts of core that lie above the host add theirs. */
import type { Bus } from '../bus/index.ts';
import type { Clock } from '../clock/index.ts';
import type { SqlStore } from '../store/index.ts';
import type { Server } from './core-tokens.ts';
import type { ServerConfig } from './define-server.ts';
import type { Extensions } from './extensions.ts';
import type { Log } from './log.ts';
import type { Logger } from './logger.ts';
import type { PluginFaults } from './plugin-faults.ts';
import type { Telemetry } from './telemetry.ts';
import type { Token } from './token.ts';

/** What is there before the first plugin starts. */
export interface HostCore {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The log of `logger`. */
  readonly log: Log;
  readonly store: SqlStore;
  readonly bus: Bus;
  readonly server: Server;
  readonly extensions: Extensions;
  readonly telemetry: Telemetry;
  readonly faults: PluginFaults;
}

/** A service of core that plugins may inject without requiring it. Made by `coreService`. */
export interface CoreService {
  readonly token: Token<unknown>;
  readonly instance: unknown;
  /** What one plugin gets in place of `instance`, when it has to know whose work it does. */
  forPlugin?(plugin: string): unknown;
  /** No new work from now on; resolve when what is open is done. Bounded by limits.drainSeconds. */
  drain?(): void | Promise<void>;
  /** Runs after all plugins have stopped, the service added last first. */
  stop?(): void | Promise<void>;
}

/** Adds a service such as the transport layer: the type of the instance is held against the token's. */
export function coreService<T>(
  wanted: Token<T>,
  instance: T,
  more: Pick<CoreService, 'drain' | 'stop'> & { forPlugin?(plugin: string): T } = {},
): CoreService {
  return { token: wanted, instance, ...more };
}
