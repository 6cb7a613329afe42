import { definePlugin, provide } from '@parley/sdk';
import { Directory, DirectoryAdmin } from './api.ts';
import { DirectoryConfig } from './config.ts';
import { EmbeddedDirectoryAdmin } from './directory-admin.ts';
import { EmbeddedDirectory } from './directory.ts';
import { groupCommands } from './group-commands.ts';
import { importCommand } from './import-command.ts';
import { migrations } from './schema.ts';
import { userCommands } from './user-commands.ts';

export default definePlugin({
  name: 'directory',
  summary: 'Keeps users, their sign-in names, phone numbers, groups and credentials in the store',
  config: DirectoryConfig,
  provides: [provide(Directory, EmbeddedDirectory), provide(DirectoryAdmin, EmbeddedDirectoryAdmin)],
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
  },
});
