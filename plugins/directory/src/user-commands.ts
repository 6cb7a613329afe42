/** `parley user ...`: what administrators do with one user. */
import type { AdminCommand, CommandInput, CommandResult } from '@parley/sdk';
import { Directory, DirectoryAdmin } from './api.ts';
import type { NewUser, User } from './api.ts';
import { PASSWORD_OPTIONS, argument, countOption, listOption, passwordOption, textOption } from './command-input.ts';
import { DirectoryErrors } from './errors.ts';
import { normaliseAor } from './names.ts';

const PAGE = 50;
const URI = { name: 'uri', summary: 'The address of the user, such as sip:alice@example.com' };
const DETAIL_OPTIONS = [
  { flag: '--display <name>', summary: 'Name that others see' },
  { flag: '--login <names>', summary: 'Sign-in names, commas between them: EXAMPLE\\alice,alice@corp.example' },
  { flag: '--phone <numbers>', summary: 'Phone numbers with country code, commas between them: +14255550100,+14255550101' },
  { flag: '--group <names>', summary: 'Groups, commas between them; those that do not exist are made' },
];

const add: AdminCommand = {
  path: 'user add',
  summary: 'Add a user',
  arguments: [URI],
  options: [
    ...DETAIL_OPTIONS,
    ...PASSWORD_OPTIONS,
    { flag: '--without-password', summary: 'Set no password: the user signs in by other means, or later' },
    { flag: '--disabled', summary: 'Add the user disabled' },
  ],
  examples: [
    'parley user add sip:alice@example.com',
    "parley user add sip:alice@example.com --login 'EXAMPLE\\alice' --display 'Alice Ames' --phone +14255550100",
    'printf %s "$SECRET" | parley user add sip:bob@example.com --password-stdin --group Sales',
  ],
  offline: true,
  async run(input, scope) {
    const uri = argument(input, 'uri');
    const without = input.options['withoutPassword'] === true;
    const faults = scope.resolve(DirectoryAdmin).checkUsers([{ uri, ...details(input) }])[0];
    if (faults?.[0] !== undefined) throw faults[0]; // a wrong address is said before a missing password
    const password = without ? {} : { password: passwordOption(input, uri) };
    const enabled = input.options['disabled'] !== true;
    const user = await scope.resolve(DirectoryAdmin).addUser({ uri, ...details(input), ...password, enabled });
    return { text: `Added ${user.aor}. ${signInHint(user)}`, data: user };
  },
};

const list: AdminCommand = {
  path: 'user list',
  summary: 'List the users',
  options: [
    { flag: '--filter <text>', summary: 'Only those with this in their address, name, sign-in names or numbers' },
    { flag: '--group <name>', summary: 'Only members of this group' },
    { flag: '--state <state>', summary: 'Only those in this state', choices: ['enabled', 'disabled'] },
    { flag: '--page <number>', summary: 'Which page', default: '1' },
    { flag: '--page-size <users>', summary: 'Users on a page', default: String(PAGE) },
  ],
  examples: ['parley user list', 'parley user list --filter alice', 'parley user list --group Sales --state disabled --json'],
  offline: true,
  columns: [
    { key: 'user', title: 'User', whole: true },
    { key: 'name', title: 'Name' },
    { key: 'logins', title: 'Signs in as' },
    { key: 'phones', title: 'Phone' },
    { key: 'state', title: 'State' },
  ],
  run(input, scope) {
    const size = countOption(input, 'pageSize', PAGE);
    const page = countOption(input, 'page', 1);
    const [filter, group, state] = [textOption(input, 'filter'), textOption(input, 'group'), textOption(input, 'state')];
    const { users, total } = scope.resolve(Directory).list({
      ...(filter !== undefined && { filter }),
      ...(group !== undefined && { group }),
      ...(state !== undefined && { enabled: state === 'enabled' }),
      offset: (page - 1) * size,
      limit: size,
    });
    const pages = Math.max(1, Math.ceil(total / size));
    const text =
      total === 0
        ? 'No users. Add one with: parley user add sip:NAME@DOMAIN'
        : `Page ${page} of ${pages}, ${total} ${total === 1 ? 'user' : 'users'}.`;
    return { rows: users.map(asRow), text, data: { users, total, page, pages } };
  },
};

const show: AdminCommand = {
  path: 'user show',
  summary: 'Show everything about a user, except what is kept of the password',
  arguments: [URI],
  examples: ['parley user show sip:alice@example.com', 'parley user show alice@example.com --json'],
  offline: true,
  columns: [
    { key: 'field', title: 'Field' },
    { key: 'value', title: 'Value' },
  ],
  run(input, scope) {
    const directory = scope.resolve(Directory);
    const user = known(scope.resolve(Directory), argument(input, 'uri'));
    const mechanisms = directory.mechanismsOf(user.id);
    return { rows: asFields(user, mechanisms), data: { ...user, mechanisms } };
  },
};

const change: AdminCommand = {
  path: 'user change',
  summary: 'Change the name, sign-in names, numbers or groups of a user',
  arguments: [URI],
  options: DETAIL_OPTIONS.map((option) => ({ ...option, summary: `${option.summary}. Replaces what was there` })),
  examples: [
    "parley user change sip:alice@example.com --display 'Alice Baker'",
    "parley user change sip:alice@example.com --login 'EXAMPLE\\alice,EXAMPLE\\abaker' --phone ''",
  ],
  offline: true,
  async run(input, scope) {
    const before = known(scope.resolve(Directory), argument(input, 'uri'));
    const user = await scope.resolve(DirectoryAdmin).changeUser(before.aor, details(input));
    const hint = user.logins.some((login) => !before.logins.includes(login)) ? NEW_LOGIN_HINT : '';
    return { text: `Changed ${user.aor}.${hint}`, data: user };
  },
};

const remove: AdminCommand = {
  path: 'user remove',
  summary: 'Remove a user and what is kept of the password',
  arguments: [URI],
  examples: ['parley user remove sip:alice@example.com'],
  offline: true,
  async run(input, scope) {
    const user = await scope.resolve(DirectoryAdmin).removeUser(argument(input, 'uri'));
    return { text: `Removed ${user.aor}.`, data: { removed: user.aor } };
  },
};

const password: AdminCommand = {
  path: 'user password',
  summary: 'Set the password of a user',
  arguments: [URI],
  options: PASSWORD_OPTIONS,
  examples: [
    'parley user password sip:alice@example.com',
    'printf %s "$SECRET" | parley user password sip:alice@example.com --password-stdin',
  ],
  offline: true,
  async run(input, scope) {
    const { aor } = known(scope.resolve(Directory), argument(input, 'uri'));
    const user = await scope.resolve(DirectoryAdmin).setPassword(aor, passwordOption(input, aor));
    return { text: `The password of ${user.aor} is set.`, data: { user: user.aor } };
  },
};

function switching(word: 'enable' | 'disable', summary: string): AdminCommand {
  return {
    path: `user ${word}`,
    summary,
    arguments: [URI],
    examples: [`parley user ${word} sip:alice@example.com`],
    offline: true,
    async run(input, scope): Promise<CommandResult> {
      const user = await scope.resolve(DirectoryAdmin).setEnabled(argument(input, 'uri'), word === 'enable');
      return { text: `${user.aor} is ${word}d.`, data: user };
    },
  };
}

const NEW_LOGIN_HINT =
  '\nDigests are made of sign-in name and password: set the password again (parley user password) before the new name is used with one.';

/** The commands about users, except the import. */
export const userCommands: readonly AdminCommand[] = [
  add,
  list,
  show,
  change,
  remove,
  password,
  switching('enable', 'Let a user sign in again'),
  switching('disable', 'Keep a user from signing in and being reached'),
];

function details(input: CommandInput): Omit<NewUser, 'uri' | 'password' | 'enabled'> {
  const displayName = textOption(input, 'display');
  const [logins, phones, groups] = [listOption(input, 'login'), listOption(input, 'phone'), listOption(input, 'group')];
  return {
    ...(displayName !== undefined && { displayName }),
    ...(logins !== undefined && { logins }),
    ...(phones !== undefined && { phones }),
    ...(groups !== undefined && { groups }),
  };
}

function known(directory: Directory, uri: string): User {
  const user = directory.findByAor(normaliseAor(uri) ?? uri);
  if (user === undefined) throw DirectoryErrors.DIRECTORY_USER_UNKNOWN({ found: uri });
  return user;
}

function asRow(user: User): object {
  return {
    user: user.aor,
    name: user.displayName,
    logins: user.logins.join(', '),
    phones: user.phones.join(', '),
    state: user.enabled ? 'enabled' : 'disabled',
  };
}

function asFields(user: User, mechanisms: readonly string[]): object[] {
  const time = (ms: number): string => new Date(ms).toISOString();
  const fields: Record<string, string> = {
    Address: `sip:${user.aor}`,
    Name: user.displayName,
    'Signs in as': [user.aor, ...user.logins].join(', '),
    Phone: user.phones.join(', '),
    Groups: user.groups.join(', '),
    State: user.enabled ? 'enabled' : 'disabled',
    'Home server': user.homeServer ?? 'this one',
    Added: time(user.createdAt),
    'Password set': user.passwordChangedAt === null ? 'never' : time(user.passwordChangedAt),
    'Usable for': mechanisms.join(', '),
  };
  return Object.entries(fields).map(([field, value]) => ({ field, value }));
}

function signInHint(user: User): string {
  if (user.passwordChangedAt === null) return 'There is no password yet: parley user password sets one.';
  return `Signs in as ${[user.aor, ...user.logins].join(' or ')}.`;
}
