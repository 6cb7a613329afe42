/** What endpoints leave behind: what was bound to them goes when they do. Told by the registrar, not asked for. [MS-PRES] R16, R33 */
import { Clock, PluginConfig, inject, injectable } from '@parley/sdk';
import type { Lifecycle, Timer } from '@parley/sdk';
import { Location } from '@parley/plugin-registrar/api';
import type { EndpointEvent } from '@parley/plugin-registrar/api';
import { Changes } from './changes.ts';
import type { PresenceConfig } from './config.ts';
import type { Draft } from './draft.ts';
import { endpointKey } from './endpoint-key.ts';
import { Presentities } from './presentities.ts';
import type { Presentity } from './presentity.ts';

/** Users looked at without a pause after a start. */
const SLICE = 50;
const PAUSE_MS = 10;

@injectable()
export class Endpoints implements Lifecycle {
  private timer: Timer | undefined = undefined;
  /** What could not be written and is tried again: by user and what it is about. */
  private readonly unsettled = new Map<string, () => void>();
  private retry: Timer | undefined = undefined;

  constructor(
    @inject(Presentities) private readonly presentities: Presentities,
    @inject(Changes) private readonly changes: Changes,
    @inject(Location) private readonly location: Pick<Location, 'bindings'>,
    @inject(Clock) private readonly clock: Clock,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'returnSeconds'>,
  ) {}

  /** Endpoints that do not come back after a start are missed only by looking for them. */
  start(): void {
    this.timer = this.clock.timers.start(this.config.returnSeconds * 1000, () => this.sweep(this.presentities.bound()));
  }

  stop(): void {
    this.clock.timers.cancel(this.timer);
    this.clock.timers.cancel(this.retry);
  }

  /** An endpoint has registered. One that can publish will; a phone is published for. */
  bound(endpoint: EndpointEvent): void {
    if (endpoint.epid !== '') return;
    const presentity = this.presentities.peek(endpoint.aor);
    if (presentity !== undefined) this.aggregate(presentity);
  }

  /** An endpoint is registered no more. */
  unbound(endpoint: EndpointEvent): void {
    const presentity = this.presentities.heldOf(endpoint.aor);
    if (presentity === undefined) return;
    const key = endpointKey(endpoint);
    this.clear(presentity, key, (of) => of === key);
  }

  /** A user may use the server no more: everything goes but what the user wants to find again. */
  disabled(presentity: Presentity): void {
    const work = (draft: Draft): void => {
      for (const held of draft.instances.values()) if (held.origin === 'client' && held.expireType !== 'static') draft.remove(held);
    };
    this.run(presentity, 'disabled', work);
  }

  private sweep(left: Iterator<Presentity>): void {
    this.timer = undefined;
    for (let i = 0; i < SLICE; i++) {
      const next = left.next();
      if (next.done === true) return;
      this.clear(next.value, 'all', () => true);
    }
    this.timer = this.clock.timers.start(PAUSE_MS, () => this.sweep(left));
  }

  private aggregate(presentity: Presentity): void {
    this.run(presentity, 'aggregate', () => undefined);
  }

  /** Takes away what was bound to endpoints that are not registered. @param concerns says which endpoints to look at, by key */
  private clear(presentity: Presentity, what: string, concerns: (key: string) => boolean): void {
    const work = (draft: Draft): void => {
      const registered = new Set(this.location.bindings(presentity.aor).map(endpointKey));
      for (const held of draft.instances.values()) {
        if (held.origin !== 'client') continue;
        const lost = held.endpoint !== '' && concerns(held.endpoint) && !registered.has(held.endpoint);
        if (lost || (held.expireType === 'user' && registered.size === 0)) draft.remove(held);
      }
    };
    this.run(presentity, what, work);
  }

  /** Nobody waits for it: when it cannot be written, which the writer has logged, it is tried again. */
  private run(presentity: Presentity, what: string, work: (draft: Draft) => void): void {
    this.changes.run(presentity, work, { aggregates: true }).catch(() => {
      this.unsettled.set(`${presentity.userId} ${what}`, () => this.run(presentity, what, work));
      this.retry ??= this.clock.timers.start(RETRY_MS, () => this.settle());
    });
  }

  private settle(): void {
    this.retry = undefined;
    const again = [...this.unsettled.values()];
    this.unsettled.clear();
    for (const run of again) run();
  }
}

/** After a failure to write. */
const RETRY_MS = 5000;
