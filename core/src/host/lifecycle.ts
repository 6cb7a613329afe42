/** The moments in which the host calls a handler or a provided class. */

/** All optional. A class that has the method is called; nothing has to be registered. */
export interface Lifecycle {
  /** The requirements are there and `setup` has run. Handlers that provide no token are not started offline. */
  start?(): void | Promise<void>;
  /** No new work arrives from now on: finish what is open. Resolve when done; the host waits within its limit. */
  drain?(): void | Promise<void>;
  /** Let go of timers, sockets and files. What the plugin requires is still there. */
  stop?(): void | Promise<void>;
}
