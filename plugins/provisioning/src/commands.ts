/** `parley policy`: what clients are told, looked at and changed while the server runs. */
import type { AdminCommand, CommandInput, PluginScope } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import type { ProvisioningGroup } from './api.ts';
import { ProvisioningErrors } from './errors.ts';
import { MAX_VALUE_LENGTH, SETTABLE_GROUPS, SETTING_NAME, groupNamed } from './groups.ts';
import { ProvisioningService } from './provisioning.ts';
import { GLOBAL, Settings, groupScope, userScope } from './settings.ts';
import type { KnownSetting, Scope } from './settings.ts';

const SCOPE = { name: 'scope', summary: 'global, group:NAME or user:ADDRESS' } as const;
const SETTING = { name: 'setting', summary: 'GROUP.NAME, such as ucPolicy.AllowCallForwarding' } as const;

const list: AdminCommand = {
  path: 'policy list',
  summary: 'List what is set for clients, by the configuration and by `parley policy set`',
  examples: ['parley policy list', 'parley policy list --json'],
  offline: true,
  columns: [
    { key: 'scope', title: 'FOR' },
    { key: 'setting', title: 'SETTING' },
    { key: 'value', title: 'VALUE' },
    { key: 'from', title: 'SET BY' },
  ],
  run(_input, scope) {
    const rows = scope.resolve(Settings).list().map(rowOf);
    return { rows, data: rows, text: rows.length === 0 ? 'Nothing is set: clients are told the defaults.' : `${rows.length} set.` };
  },
};

const show: AdminCommand = {
  path: 'policy show',
  summary: 'Show what a client of a user is told, and where each setting comes from',
  arguments: [{ name: 'address', summary: 'The address of record, alice@example.com' }],
  options: [{ flag: '--group <name>', summary: 'Only this group of settings' }],
  examples: ['parley policy show alice@example.com', 'parley policy show alice@example.com --group ucPolicy'],
  offline: true,
  columns: [
    { key: 'setting', title: 'SETTING' },
    { key: 'value', title: 'VALUE' },
    { key: 'from', title: 'FROM' },
  ],
  run(input, scope) {
    const user = userOf(input.arguments['address'] ?? '', scope);
    const only = input.options['group'];
    const groups = typeof only === 'string' ? [groupOf(only, only)] : SETTABLE_GROUPS;
    const service = scope.resolve(ProvisioningService);
    const set = scope.resolve(Settings).of(user);
    const rows = groups.flatMap((group) =>
      Object.entries(service.filled(user, group, { subnet: undefined, userAgent: '' }).values).map(([name, value]) => {
        const origin = set.findLast((one) => one.group === group && one.name === name);
        return {
          setting: `${group}.${name}`,
          value: value ?? '',
          from: origin === undefined ? 'default or plugin' : `${origin.scope}, ${origin.from}`,
        };
      }),
    );
    return { rows, data: rows };
  },
};

const set: AdminCommand = {
  path: 'policy set',
  summary: 'Set what clients are told; those that wait for changes are told at once, others when they sign in next',
  arguments: [SCOPE, SETTING, { name: 'value', summary: 'The value; an empty one leaves the setting out' }],
  examples: [
    'parley policy set global ucPolicy.AllowCallForwarding false',
    'parley policy set group:Sales meetingPolicy.AllowIPVideo false',
    'parley policy set user:alice@example.com endpointConfiguration.EnableTracing true',
  ],
  offline: true,
  async run(input, scope) {
    const target = scopeOf(input.arguments['scope'] ?? '', scope);
    const { group, name, text } = settingOf(input);
    const value = input.arguments['value'] ?? '';
    if (value.length > MAX_VALUE_LENGTH)
      throw ProvisioningErrors.PROVISIONING_VALUE_TOO_LONG({ found: value.length, limit: MAX_VALUE_LENGTH });
    await scope.resolve(Settings).set(target, group, name, value);
    return { text: `${text} is ${value === '' ? 'left out' : `"${value}"`} for ${target}.`, data: { scope: target, setting: text, value } };
  },
};

const unset: AdminCommand = {
  path: 'policy unset',
  summary: 'Take back what `parley policy set` has set; then the configuration decides again',
  arguments: [SCOPE, SETTING],
  examples: ['parley policy unset group:Sales meetingPolicy.AllowIPVideo'],
  offline: true,
  async run(input, scope) {
    // Not looked up: what was set for somebody who is gone must go too.
    const target = (input.arguments['scope'] ?? '').toLowerCase();
    const { group, name, text } = settingOf(input);
    if (!(await scope.resolve(Settings).unset(target, group, name)))
      throw ProvisioningErrors.PROVISIONING_NOT_SET({ setting: text, scope: target });
    return { text: `${text} is no longer set for ${target}.`, data: { scope: target, setting: text } };
  },
};

function rowOf({ scope, group, name, value, from }: KnownSetting): object {
  return { scope, setting: `${group}.${name}`, value, from };
}

function settingOf(input: CommandInput): { group: ProvisioningGroup; name: string; text: string } {
  const written = input.arguments['setting'] ?? '';
  const [groupName = '', ...rest] = written.split('.');
  const name = rest.join('.');
  const group = groupOf(groupName, written);
  if (!SETTING_NAME.test(name)) throw unknown(written);
  return { group, name, text: `${group}.${name}` };
}

function groupOf(name: string, written: string): ProvisioningGroup {
  const group = groupNamed(name);
  if (group === undefined || !SETTABLE_GROUPS.includes(group)) throw unknown(written);
  return group;
}

function unknown(setting: string): Error {
  return ProvisioningErrors.PROVISIONING_SETTING_UNKNOWN({ setting, groups: SETTABLE_GROUPS.join(', ') });
}

function scopeOf(written: string, scope: PluginScope): Scope {
  const lower = written.toLowerCase();
  if (lower === GLOBAL) return GLOBAL;
  const [, kind, name = ''] = /^(group|user):(.+)$/.exec(lower) ?? [];
  const directory = scope.resolve(Directory);
  if (kind === 'group') {
    const group = directory.listGroups().find((one) => one.name.toLowerCase() === name);
    if (group !== undefined) return groupScope(group.name);
  }
  const user = kind === 'user' ? directory.findByAor(name.replace(/^sips?:/, '')) : undefined;
  if (user === undefined) throw ProvisioningErrors.PROVISIONING_SCOPE_UNKNOWN({ scope: written });
  return userScope(user.aor);
}

function userOf(written: string, scope: PluginScope): User {
  const aor = written.replace(/^sips?:/i, '').toLowerCase();
  const user = scope.resolve(Directory).findByAor(aor);
  if (user === undefined) throw ProvisioningErrors.PROVISIONING_USER_UNKNOWN({ aor });
  return user;
}

/** Commands that provisioning adds to the command line. */
export const commands: readonly AdminCommand[] = [list, show, set, unset];
