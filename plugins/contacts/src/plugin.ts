/** Contact lists as a plugin: what it needs, offers and claims. */
import { Bus, PresenceAccess, Server, definePlugin, provide } from '@parley/sdk';
import type { MetricSample, PluginScope } from '@parley/sdk';
import { Directory, DirectoryEvents } from '@parley/plugin-directory/api';
import { Contacts, ContactsChanged } from './api.ts';
import { commands } from './commands.ts';
import { ContactsConfig } from './config.ts';
import { ContactLists } from './contact-lists.ts';
import { ACL_PACKAGE, CONTACTS_PACKAGE } from './document.ts';
import { ContactsHandler } from './handler.ts';
import { Roaming } from './roaming.ts';
import { migrations } from './rows.ts';

export default definePlugin({
  name: 'contacts',
  summary: 'Keeps the contact lists of users, tells all their clients of changes, and finds people for them',
  config: ContactsConfig,
  requires: [Directory],
  optional: [PresenceAccess],
  provides: [provide(Contacts, ContactLists)],
  scripts: [
    { file: 'subscriptions.am', priority: 330 },
    // Before presence: what of SOAP is not about contacts passes on to it.
    { file: 'services.am', priority: 330 },
  ],
  root: new URL('..', import.meta.url),
  migrations,
  handler: ContactsHandler,
  commands,
  setup(scope: PluginScope) {
    const lists = scope.resolve(ContactLists);
    scope.onClose(scope.resolve(Bus).subscribe(DirectoryEvents.removed, ({ id }) => lists.forget(id)));
    if (scope.resolve(Server).mode === 'serve') serve(scope, lists);
  },
});

function serve(scope: PluginScope, lists: ContactLists): void {
  const roaming = scope.resolve(Roaming);
  const handler = scope.resolve(ContactsHandler);
  scope.onClose(lists.onChange((userId, changed) => roaming.changed(userId, changed)));
  scope.onClose(scope.resolve(Bus).subscribe(ContactsChanged, (change) => lists.changedElsewhere(change)));
  scope.eventPackage(CONTACTS_PACKAGE);
  scope.eventPackage(ACL_PACKAGE);
  scope.metric({
    name: 'parley_contacts_requests_total',
    help: 'Requests about contacts by what became of them; stale ones were changes by a number that the list no longer had',
    type: 'counter',
    labels: ['result'],
    collect: () => Object.entries(handler.counts).map(([result, value]): MetricSample => ({ labels: { result }, value })),
  });
  scope.metric({
    name: 'parley_contacts_subscriptions',
    help: 'Clients that are told changes of contact and access lists',
    type: 'gauge',
    collect: () => roaming.size,
  });
  scope.metric({
    name: 'parley_contacts_lists',
    help: 'Contact lists in memory: those that somebody is subscribed to',
    type: 'gauge',
    collect: () => lists.heldSize,
  });
}
