/** The plugins that come with Parley: `parley init` composes from them before any package is installed. */
import type { PluginOffer } from './offer.ts';

/** What a plugin is for; a new configuration lists the plugins by it, in this order. */
export const GROUPS = {
  users: 'Users, and the certificates of server and clients',
  'sign-in': 'Who sends: each is one way of signing in',
  routing: 'Where users are, and where requests go',
  web: 'HTTPS services',
  people: 'Presence and contacts',
  clients: 'What clients are told, and which are let in',
  operation: 'For operators',
} as const;

export type Group = keyof typeof GROUPS;

/** An offer of this release. */
export interface CataloguePlugin extends PluginOffer {
  readonly group: Group;
  /** What has to be there before it starts; absent when its defaults do. */
  readonly setup?: string;
}

type Tokens = Partial<Pick<PluginOffer, 'requires' | 'optional' | 'byDefault' | 'provides'>> & { readonly setup?: string };

function plugin(group: Group, name: string, summary: string, tokens: Tokens = {}): CataloguePlugin {
  return { group, name, reference: `@parley/plugin-${name}`, summary, requires: [], optional: [], provides: [], ...tokens };
}

/** Every plugin of this release, in the order in which a configuration lists them. A test holds each line against the plugin itself. */
export const CATALOGUE: readonly CataloguePlugin[] = [
  plugin('users', 'pki', 'Makes or loads the server certificate and watches over it; issues certificates to clients', {
    optional: ['directory'],
    provides: ['pki', 'client-certificates'],
  }),
  plugin('users', 'directory', 'Keeps users, their sign-in names, phone numbers, groups and credentials in the store', {
    provides: ['directory', 'directory-admin', 'sign-in-attempts', 'pool-keys'],
  }),
  plugin('sign-in', 'auth-digest', 'Authenticates plain SIP clients by digest, with SHA-256 and MD5', {
    requires: ['directory', 'sign-in-attempts'],
  }),
  plugin('sign-in', 'auth-ntlm', 'Signs Communicator and Lync clients in by NTLM, and signs what passes between them and the server', {
    requires: ['directory', 'sign-in-attempts'],
    provides: ['ntlm-acceptor'],
  }),
  plugin(
    'sign-in',
    'auth-kerberos',
    'Signs Communicator and Lync clients in by Kerberos, and signs what passes between them and the server',
    {
      requires: ['directory', 'sign-in-attempts'],
      provides: ['kerberos-acceptor'],
      setup: 'a keytab with the key of sip/FQDN in the data folder: docs/kerberos.md',
    },
  ),
  plugin('sign-in', 'auth-tls-dsk', 'Signs Lync clients in with the certificates that this server issues to them (TLS-DSK)', {
    requires: ['directory', 'sign-in-attempts', 'pki', 'client-certificates'],
    optional: ['certificate-provisioning'],
    byDefault: ['certificate-provisioning'],
  }),
  plugin('web', 'web', 'The HTTPS host of all web services, with Windows authentication', {
    requires: ['pki', 'directory', 'sign-in-attempts'],
    optional: ['ntlm-acceptor', 'kerberos-acceptor'],
    provides: ['web'],
  }),
  plugin('web', 'web-ticket', 'Issues web tickets to users of web services, and the certificates that clients sign in with by TLS-DSK', {
    requires: ['web', 'directory', 'pool-keys', 'client-certificates'],
    provides: ['web-tickets', 'certificate-provisioning'],
  }),
  plugin('web', 'autodiscover', 'Tells clients that know only their user’s address where to connect', {
    requires: ['web', 'web-tickets'],
  }),
  plugin('routing', 'registrar', 'Keeps where users are registered, and answers REGISTER', {
    optional: ['directory'],
    byDefault: ['directory'],
    provides: ['registrar.location'],
  }),
  plugin('routing', 'routing', 'Delivers requests to the endpoints of users, and to other domains where that is allowed', {
    requires: ['registrar.location'],
    optional: ['directory'],
    byDefault: ['directory'],
  }),
  plugin('routing', 'external-applications', 'Lets applications in other processes take part in routing'),
  plugin('people', 'contacts', 'Keeps the contact lists of users, tells all their clients of changes, and finds people for them', {
    requires: ['directory'],
    optional: ['presence-access'],
    provides: ['contacts'],
  }),
  plugin(
    'people',
    'presence',
    'Tells who is there and what they do: publishes, aggregates, and notifies those who may see it (MS-PRES, SIMPLE)',
    { requires: ['directory', 'registrar.location'], provides: ['presence', 'presence-access'] },
  ),
  plugin('clients', 'provisioning', 'Tells clients, when they sign in, what they may do and where services are', {
    requires: ['directory'],
    provides: ['provisioning'],
  }),
  plugin('clients', 'client-version-filter', 'Admits, warns, redirects or refuses clients at sign-in by product and version'),
  plugin('clients', 'compression', 'Compresses SIP on connections of clients that ask for it'),
  plugin('operation', 'diagnostics', 'Says in ms-diagnostics why requests are refused, and keeps what clients report of their failures', {
    provides: ['error-reports'],
  }),
  plugin('operation', 'options', 'Answers OPTIONS addressed to the server itself'),
  plugin('operation', 'metrics', 'Serves Prometheus metrics and health checks over HTTP'),
];
