import { definePlugin, provide } from '@parley/sdk';
import { Directory, DirectoryAdmin, PoolKeys, SignInAttempts } from './api.ts';
import { DirectoryConfig } from './config.ts';
import { EmbeddedDirectoryAdmin } from './directory-admin.ts';
import { EmbeddedDirectory } from './directory.ts';
import { groupCommands } from './group-commands.ts';
import { importCommand } from './import-command.ts';
import { migrations } from './schema.ts';
import { LimitedSignIns } from './sign-in-attempts.ts';
import { userCommands } from './user-commands.ts';

export default definePlugin({
  name: 'directory',
  summary: 'Keeps users, their sign-in names, phone numbers, groups and credentials in the store',
  config: DirectoryConfig,
  provides: [
    provide(Directory, EmbeddedDirectory),
    provide(DirectoryAdmin, EmbeddedDirectoryAdmin),
    provide(SignInAttempts, LimitedSignIns),
    provide(PoolKeys, EmbeddedDirectory),
  ],
  root: new URL('..', import.meta.url),
  migrations,
  commands: [...userCommands, importCommand, ...groupCommands],
  setup(scope) {
    const { users } = scope.resolve(EmbeddedDirectory);
    scope.metric({
      name: 'parley_directory_users',
      help: 'Users in the directory by state',
      type: 'gauge',
      labels: ['state'],
      collect: () => [
        { labels: { state: 'enabled' }, value: users.enabledSize },
        { labels: { state: 'disabled' }, value: users.size - users.enabledSize },
      ],
    });
    const attempts = scope.resolve(LimitedSignIns);
    scope.metric({
      name: 'parley_sign_in_failures_total',
      help: 'Failed attempts to sign in, by any protocol',
      type: 'counter',
      inStatus: true,
      collect: () => attempts.failureSamples(),
    });
    scope.metric({
      name: 'parley_sign_in_refusals_total',
      help: 'Attempts to sign in that were refused unseen, by the limit that was reached',
      type: 'counter',
      labels: ['limit'],
      inStatus: true,
      collect: () => attempts.refusalSamples(),
    });
    scope.metric({
      name: 'parley_sign_in_waiting',
      help: 'Addresses and users from and as whom nobody may sign in for a while, after too many failures',
      type: 'gauge',
      labels: ['limit'],
      collect: () => attempts.waitingSamples(),
    });
  },
});
