/** One SDK in one process, however many copies of it lie around. */
import { registerHooks } from 'node:module';

const SHARED = /^@parley\/(?:core|sdk)(?:\/|$)/;

/**
 * From now on every import of `@parley/core` and `@parley/sdk`, from whatever package, means the copies that this program uses. A plugin
 * in a folder of its own has a copy there for its tests; what its classes and errors are known by would not be known to the server's.
 */
export function shareSdk(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      return nextResolve(specifier, SHARED.test(specifier) ? { ...context, parentURL: import.meta.url } : context);
    },
  });
}
