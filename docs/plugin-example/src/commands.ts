/** `parley office-hours`: what operators see of the plugin while it runs. */
import type { AdminCommand } from '@parley/sdk';
import { OfficeHoursHandler } from './handler.ts';

const list: AdminCommand = {
  path: 'office-hours',
  summary: 'Who keeps office hours, and whether they are open now',
  examples: ['parley office-hours', 'parley office-hours --json'],
  columns: [
    { key: 'user', title: 'USER' },
    { key: 'state', title: 'STATE' },
  ],
  run: (_input, scope) => {
    const handler = scope.resolve(OfficeHoursHandler);
    const state = handler.wait() === 0 ? 'open' : 'closed';
    return { rows: handler.users.map((user) => ({ user, state })) };
  },
};

export const commands: readonly AdminCommand[] = [list];
