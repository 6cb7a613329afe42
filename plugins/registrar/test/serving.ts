/** A server with the plugin, alice and bob, and what their tests look at. */
import { z } from 'zod';
import { Bus, SipUri, definePlugin } from '@parley/sdk';
import type { PluginUse } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import { Directory, DirectoryEvents } from '@parley/plugin-directory/api';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import type { Endpoint, Parts, TestHeaders, TestServer, TestServerOptions } from '@parley/sdk/testkit';
import { Bound, Location, Unbound } from '../src/api.ts';
import type { Binding } from '../src/api.ts';
import type { Bindings } from '../src/bindings.ts';
import plugin from '../src/plugin.ts';

export const AOR = 'alice@example.com';

/** @param more other plugins beside these, and anything else of the server */
export function serving(config: Parameters<typeof plugin>[0] = {}, more: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const { plugins = [], ...others } = more;
  return testServer({ plugins: [directory(), plugin(config), routing(), ...plugins], users: ['alice', 'bob'], ...others });
}

/** Endpoints of alice, or of another, that can be reached. */
export function reachable(server: TestServer, aor = AOR): readonly Binding[] {
  return server.find(Location).bindings(aor);
}

/** Registrations in all, those that wait for their endpoint included. */
export function size(server: TestServer): number {
  return (server.find(Location) as Bindings).size;
}

/** Who an address of this URI leads to. */
export function byContact(server: TestServer, uri: string): string | undefined {
  return server.find(Location).byContact(SipUri.parse(uri))?.aor;
}

/** Another endpoint of alice's, from an address of its own. */
export function another(server: TestServer, transport: 'udp' | 'tcp' | 'tls' = 'udp'): Endpoint {
  return server.endpoint(`endpoint ${server.parties.size}`, { user: 'alice', transport });
}

/** A REGISTER with this Contact. */
export function withContact(contact: string | readonly string[], headers: TestHeaders = {}): Parts {
  return { headers: { Contact: contact, ...headers } };
}

/** A plugin that hears what the registrar tells the others, and tells it what they do. */
export class Bystander {
  /** `bound`, `unbound expired`, in the order of telling. */
  readonly told: string[] = [];
  readonly plugin: PluginUse;
  private bus: Bus | undefined = undefined;

  /** @param eventPackages that it notifies of */
  constructor(eventPackages: readonly string[] = []) {
    const { told } = this;
    const define = definePlugin({
      name: 'bystander',
      summary: 'Listens to the registrar',
      config: z.strictObject({}),
      root: new URL('.', import.meta.url),
      setup: (scope) => {
        for (const name of eventPackages) scope.eventPackage(name);
        const bus = scope.resolve(Bus);
        this.bus = bus;
        scope.onClose(bus.subscribe(Bound, () => void told.push('bound')));
        scope.onClose(bus.subscribe(Unbound, ({ reason }) => void told.push(`unbound ${reason}`)));
      },
    });
    this.plugin = define();
  }

  /** Another server of the pool gives a user another home. */
  async moves(server: TestServer, aor: string, home: string): Promise<void> {
    const user = server.find(Directory).findByAor(aor);
    if (user === undefined) throw new Error(`${aor} is no user`);
    const store = server.store.as<{ directory_user: { aor: string; home_server: string | null } }>();
    await store.write((trx) => trx.updateTable('directory_user').set({ home_server: home }).where('aor', '=', aor).execute());
    this.bus?.publish(DirectoryEvents.reload, { origin: 'another server', userIds: [user.id], groups: false });
    await server.until(() => server.find(Directory).findByAor(aor)?.homeServer ?? undefined);
    this.bus?.publish(DirectoryEvents.changed, user);
    await server.settle();
  }
}
