/** A server with presence, whose users are alice, bob and carol, and clients of them. */
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import type { Endpoint, TestServer, TestServerOptions } from '@parley/sdk/testkit';
import presence from '../src/plugin.ts';
import { DOMAIN } from './words.ts';

/** @param more anything else of the server */
export function serving(config: Parameters<typeof presence>[0] = {}, more: Partial<TestServerOptions> = {}): Promise<TestServer> {
  return testServer({
    plugins: [directory(), registrar(), presence(config), routing()],
    domain: DOMAIN,
    users: ['alice', 'bob', 'carol'].map((name) => ({ name, displayName: `${name} of ${DOMAIN}` })),
    ...more,
  });
}

/** A client of this family, which has an epid; not registered yet. Plain phones are mere endpoints. */
export function client(server: TestServer, user: string, epid = `${user}-1`): Endpoint {
  return server.endpoint(`${user} ${epid}`, { user, epid, transport: 'tcp' });
}

/** One that is registered. */
export function signedIn(server: TestServer, user: string, epid?: string): Promise<Endpoint> {
  return client(server, user, epid).register();
}

/** Something that is published, as an administrator is shown it. */
export interface Held {
  readonly category: string;
  readonly container: number;
  readonly instance: number;
  readonly version: number;
  readonly document: string;
  /** `static`, `endpoint`, `user`, `60 s`. */
  readonly lives: string;
  /** `endpoint alice-1`, `client`, `directory`, `aggregate`. */
  readonly by: string;
}

/** Everything that is published of a user, by category, container and instance: `note 200 0`. */
export async function held(server: TestServer, user = 'alice'): Promise<ReadonlyMap<string, Held>> {
  const { rows } = await server.command('presence show', { address: `${user}@${DOMAIN}` }, { documents: true });
  return new Map((rows as readonly Held[]).map((one) => [`${one.category} ${one.container} ${one.instance}`, one]));
}

/** The versions of some of it; undefined for what is not there. */
export async function versions(server: TestServer, ...keys: readonly string[]): Promise<readonly (number | undefined)[]> {
  const all = await held(server);
  return keys.map((key) => all.get(key)?.version);
}
