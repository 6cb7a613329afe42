/** `parley group ...`: groups and their members. */
import type { AdminCommand } from '@parley/sdk';
import { Directory, DirectoryAdmin } from './api.ts';
import { argument } from './command-input.ts';
import { DirectoryErrors } from './errors.ts';

const GROUP = { name: 'group', summary: 'The name of the group' };
const USERS = { name: 'users', summary: 'Addresses of users, commas between them', optional: true };

const add: AdminCommand = {
  path: 'group add',
  summary: 'Make a group, or add members to one',
  arguments: [GROUP, USERS],
  examples: ['parley group add Sales', 'parley group add Sales alice@example.com,bob@example.com'],
  offline: true,
  async run(input, scope) {
    const admin = scope.resolve(DirectoryAdmin);
    const name = argument(input, 'group');
    const users = addresses(argument(input, 'users'));
    const exists = scope.resolve(Directory).group(name) !== undefined;
    const made = exists && users.length > 0 ? undefined : await admin.addGroup(name);
    const group = users.length > 0 ? await admin.addMembers(name, users) : made;
    return { text: `${name} has ${group?.members.length ?? 0} members.`, data: group };
  },
};

const remove: AdminCommand = {
  path: 'group remove',
  summary: 'Remove a group, or take members out of one; the users stay',
  arguments: [GROUP, USERS],
  examples: ['parley group remove Sales', 'parley group remove Sales bob@example.com'],
  offline: true,
  async run(input, scope) {
    const admin = scope.resolve(DirectoryAdmin);
    const name = argument(input, 'group');
    const users = addresses(argument(input, 'users'));
    if (users.length > 0) {
      const group = await admin.removeMembers(name, users);
      return { text: `${group.name} has ${group.members.length} members.`, data: group };
    }
    await admin.removeGroup(name);
    return { text: `Removed the group ${name}.`, data: { removed: name } };
  },
};

const list: AdminCommand = {
  path: 'group list',
  summary: 'List the groups, or the members of one',
  arguments: [{ ...GROUP, optional: true }],
  examples: ['parley group list', 'parley group list Sales --json'],
  offline: true,
  columns: [
    { key: 'group', title: 'Group', whole: true },
    { key: 'members', title: 'Members' },
  ],
  run(input, scope) {
    const directory = scope.resolve(Directory);
    const name = argument(input, 'group');
    if (name === '') {
      const groups = directory.listGroups();
      return { rows: groups.map((group) => ({ group: group.name, members: group.members.length })), data: groups };
    }
    const group = directory.group(name);
    if (group === undefined) throw DirectoryErrors.DIRECTORY_GROUP_UNKNOWN({ found: name });
    return { rows: group.members.map((member) => ({ group: group.name, members: member })), data: group };
  },
};

/** The commands about groups. */
export const groupCommands: readonly AdminCommand[] = [add, remove, list];

function addresses(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
