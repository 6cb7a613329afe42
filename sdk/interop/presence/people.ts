/** Five people on a server with presence, and the OCS clients that they use: what they do, and what of it is seen. */
import { expect } from 'vitest';
import { buildOcsClient } from '../ocs/build.ts';
import { SERVER_STOPPED } from '../ocs/clean-log.ts';
import { OcsClient } from '../ocs/client.ts';
import type { OcsOptions } from '../ocs/client.ts';
import { count } from '../ocs/debug-log.ts';
import { PASSWORD, ParleyServer, eventually } from '../server.ts';
import type { ServerOptions } from '../server.ts';
import { WITH_PRESENCE } from './plugins.ts';

/** User parts of their addresses. */
export const PEOPLE = ['alice', 'bob', 'carol', 'dan', 'erin'];
const DOMAIN = 'example.com';

/** What an administrator is shown of somebody. */
export interface Shown {
  readonly status: { readonly availability: number };
  readonly watchers: number;
  readonly instances: readonly { readonly category: string; readonly version: number; readonly container: number; readonly by: string }[];
}

/** The server with its people: `await using`. */
export class People implements AsyncDisposable {
  readonly #clients: OcsClient[] = [];

  private constructor(
    readonly server: ParleyServer,
    private readonly command: string,
  ) {}

  /** @param options of the server, where it is to be another one than WITH_PRESENCE */
  static async start(options: ServerOptions = {}): Promise<People> {
    const people = new People(await ParleyServer.start({ plugins: WITH_PRESENCE, ...options, domains: [DOMAIN] }), await buildOcsClient());
    const rows = PEOPLE.map((name) => `sip:${name}@${DOMAIN},${name} D,EXAMPLE\\${name},${PASSWORD}`);
    const { code, output } = await people.server.cli(['user', 'import', '-'], ['uri,display,login,password', ...rows].join('\n'));
    if (code === 0) return people;
    await people[Symbol.asyncDispose]();
    throw new Error(output);
  }

  /** Starts signing somebody in. */
  client(options: Omit<OcsOptions, 'server'>): OcsClient {
    const made = new OcsClient(this.command, { server: this.server, login: `EXAMPLE\\${options.user}`, ...options });
    this.#clients.push(made);
    return made;
  }

  async shown(user: string): Promise<Shown> {
    const { code, output } = await this.server.cli(['presence', 'show', `${user}@${DOMAIN}`, '--json']);
    expect(code, output).toBe(0);
    return JSON.parse(output) as Shown;
  }

  /** Ends the clients, then the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((one) => one.dispose()));
    await this.server.stop();
  }
}

/** Resolves once a client is signed on, with its list and its own data: what it does before that, it takes back. */
export async function ready(one: OcsClient): Promise<void> {
  await one.signedOn();
  await eventually(
    'the list and the own data have come',
    () => /<\/contactList>/.test(one.log.text) && /<\/roamingData>/.test(one.log.text),
  );
  await eventually('it has published', () => published(one) > 0);
}

/** Adds somebody to a client's list. */
export async function add(one: OcsClient, other: string): Promise<void> {
  one.command(`add-buddy sip:${other}@${DOMAIN} Friends`);
  await one.event('buddy-added', { who: `sip:${other}@${DOMAIN}` });
}

/** Does something as a user; each watcher hears of it within a second of the publish. */
export async function reaches(
  one: OcsClient,
  doing: string,
  watchers: readonly OcsClient[],
  event: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const before = published(one);
  one.command(doing);
  // A client waits a second for more before it publishes.
  await eventually(`${doing}: it publishes`, () => published(one) > before);
  const at = Date.now();
  await Promise.all(watchers.map((watcher) => watcher.event(event, fields, 5000)));
  expect(Date.now() - at, doing).toBeLessThan(1000);
}

/** No client has complained, except of a connection that a server closed. */
export function expectClean(...all: readonly OcsClient[]): void {
  for (const one of all) expect(one.log.complaints.filter((line) => !SERVER_STOPPED.test(line))).toEqual([]);
}

function published(one: OcsClient): number {
  return count(one.log, 'sent', /^SERVICE [\s\S]*category-publish/);
}
