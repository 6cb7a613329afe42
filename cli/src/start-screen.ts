/** The screen that `parley start` ends with: where the server is, and what to do next. */
import { wrap } from './wrap.ts';

export interface ScreenFacts {
  readonly version: string;
  readonly domains: readonly string[];
  readonly fqdn: string;
  /** `tcp 0.0.0.0:5060` */
  readonly listeners: readonly string[];
  readonly plugins: readonly string[];
  readonly dataDir: string;
  readonly logFile: string | undefined;
  /** Undefined when no plugin keeps users. */
  readonly users: number | undefined;
}

/** Lines of at most 80 characters, as long as paths and names allow it. */
export function startScreen(facts: ScreenFacts): string[] {
  const domain = facts.domains[0] ?? facts.fqdn;
  return [
    '',
    `Parley ${facts.version} is ready.`,
    '',
    `  Domain     ${facts.domains.join(', ')}`,
    `  Listening  ${facts.listeners.join('\n             ')}`,
    `  Plugins    ${wrap(facts.plugins.join(', '), 66).join('\n             ')}`,
    `  Data       ${facts.dataDir}`,
    `  Log        ${facts.logFile ?? 'this terminal (log.file in the configuration changes that)'}`,
    '',
    ...usersText(facts.users, domain),
    `  Point a client at ${clientAddress(facts)}, sign in as you@${domain}.`,
    '  See what goes on: npx parley status --watch     Stop: Ctrl+C',
    '',
  ];
}

function usersText(users: number | undefined, domain: string): string[] {
  if (users === undefined) return [];
  if (users > 0) return [`  ${users} ${users === 1 ? 'user' : 'users'}. Add one: npx parley user add sip:carol@${domain}`];
  return [
    '  There are no users yet. This adds two (in another terminal):',
    `    printf 'uri,password\\nalice@${domain},Secret-4711\\nbob@${domain},Secret-4712\\n' \\`,
    '      | npx parley user import -',
  ];
}

/** What a person types into a client: this machine, when the server listens on all addresses. */
function clientAddress({ listeners, fqdn }: ScreenFacts): string {
  const listener = listeners.find((one) => one.startsWith('tls')) ?? listeners[0] ?? '';
  const [transport = '', address = ''] = listener.split(' ');
  const port = address.slice(address.lastIndexOf(':') + 1);
  const host = address.slice(0, address.lastIndexOf(':'));
  const name = host === '0.0.0.0' || host === '::' ? fqdn : host;
  return `${name} port ${port} (${transport.toUpperCase()})`;
}
