/** `parley presence`: what is published, by whom, and who may see it. */
import type { AdminCommand, PluginScope } from '@parley/sdk';
import { PresenceErrors } from './errors.ts';
import { Presentities } from './presentities.ts';
import type { Presentity } from './presentity.ts';
import { PresenceService } from './presence.ts';
import { Watched } from './watched.ts';

const show: AdminCommand = {
  path: 'presence show',
  summary: 'Show what is published of a user: by which endpoint, in which container, until when',
  arguments: [{ name: 'address', summary: 'The address of record, alice@example.com' }],
  options: [{ flag: '--documents', summary: 'With the documents themselves' }],
  examples: ['parley presence show alice@example.com', 'parley presence show alice@example.com --documents --json'],
  columns: [
    { key: 'category', title: 'CATEGORY' },
    { key: 'container', title: 'CONTAINER', align: 'right' },
    { key: 'instance', title: 'INSTANCE', align: 'right' },
    { key: 'version', title: 'VERSION', align: 'right' },
    { key: 'lives', title: 'LIVES' },
    { key: 'by', title: 'PUBLISHED BY' },
  ],
  run(input, scope) {
    const presentity = userOf(input.arguments['address'] ?? '', scope);
    const status = scope.resolve(PresenceService).stateOf(presentity.aor);
    const documents = input.options['documents'] === true;
    const rows = [...presentity.state.instances.values()].map((held) => ({
      category: held.name,
      container: held.container,
      instance: held.instance,
      version: held.version,
      lives: held.expireType === 'time' ? `${held.expires ?? 0} s` : held.expireType,
      by: held.origin === 'client' && held.endpoint !== '' ? `endpoint ${held.endpoint}` : held.origin,
      ...(documents && { document: held.content }),
    }));
    const watchers = scope.resolve(Watched).watchersOf(presentity.aor);
    const text = `${presentity.aor}: availability ${status?.availability ?? 0}${status?.activity === undefined ? '' : `, ${status.activity}`}; ${watchers} watching.`;
    return { rows, data: { status, watchers, instances: rows }, text };
  },
};

const containers: AdminCommand = {
  path: 'presence containers',
  summary: 'Show whom a user has let see what',
  arguments: [{ name: 'address', summary: 'The address of record, alice@example.com' }],
  examples: ['parley presence containers alice@example.com'],
  columns: [
    { key: 'container', title: 'CONTAINER', align: 'right' },
    { key: 'version', title: 'VERSION', align: 'right' },
    { key: 'member', title: 'MEMBER' },
  ],
  run(input, scope) {
    const { state } = userOf(input.arguments['address'] ?? '', scope);
    const rows = [...state.containers.values()].flatMap(({ id, version, members }) =>
      members.map(({ type, value }) => ({ container: id, version, member: value === undefined ? type : `${type} ${value}` })),
    );
    return { rows, data: rows };
  },
};

const category: AdminCommand = {
  path: 'presence category',
  summary: 'Show who publishes in a category',
  arguments: [{ name: 'category', summary: 'Its name: note, calendarData, or one of your own' }],
  examples: ['parley presence category note', 'parley presence category note --json'],
  columns: [
    { key: 'user', title: 'USER', whole: true },
    { key: 'container', title: 'CONTAINER', align: 'right' },
    { key: 'instance', title: 'INSTANCE', align: 'right' },
    { key: 'version', title: 'VERSION', align: 'right' },
    { key: 'published', title: 'PUBLISHED' },
  ],
  run(input, scope) {
    const wanted = input.arguments['category'] ?? '';
    const rows = [];
    for (const { aor, instances } of scope.resolve(Presentities).published()) {
      for (const { name, container, instance, version, publishTime, origin } of instances) {
        if (name !== wanted || origin === 'aggregate') continue;
        rows.push({ user: aor, container, instance, version, published: new Date(publishTime).toISOString() });
      }
    }
    const users = new Set(rows.map(({ user }) => user)).size;
    return { rows, data: rows, text: users === 0 ? `Nobody publishes ${wanted}.` : `${users} publish ${wanted}.` };
  },
};

function userOf(written: string, scope: PluginScope): Presentity {
  const aor = written.replace(/^sips?:/i, '').toLowerCase();
  const presentity = scope.resolve(Presentities).of(aor);
  if (presentity === undefined) throw PresenceErrors.PRESENCE_USER_UNKNOWN({ aor });
  return presentity;
}

/** Commands that presence adds to the command line. */
export const commands: readonly AdminCommand[] = [show, containers, category];
