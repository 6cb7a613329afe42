/** Clock and bus as each plugin gets them: what it does there and gets wrong is counted and logged under its name. */
import { OwnedBus } from '../bus/index.ts';
import { ownedClock } from '../clock/index.ts';
import { coreService } from './core-services.ts';
import type { CoreService, HostCore } from './core-services.ts';
import { Bus, Clock } from './core-tokens.ts';

/** The services that plugins' own code is called back from. */
export function doorsOf({ clock, bus, faults }: Pick<HostCore, 'clock' | 'bus' | 'faults'>): readonly CoreService[] {
  return [
    coreService(Clock, clock, {
      forPlugin: (plugin) => ownedClock(clock, plugin, (callback, error) => faults.report(plugin, timerText(callback), error)),
    }),
    coreService(Bus, bus, {
      forPlugin: (plugin) => new OwnedBus(bus, (subject, error) => faults.report(plugin, `a subscriber of ${subject}`, error)),
    }),
  ];
}

function timerText(callback: string): string {
  return callback === '' ? 'a timer' : `a timer that calls ${callback}`;
}
