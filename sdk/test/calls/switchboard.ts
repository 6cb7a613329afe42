/** A plugin that uses every helper, for their tests. */
import { z } from 'zod';
import {
  Bus,
  Clock,
  Dialogs,
  Endpoints,
  Server,
  answer,
  bridge,
  definePlugin,
  fork,
  inject,
  injectable,
  notify,
  proxy,
  respond,
  subscribe,
} from '@parley/sdk';
import type { Bridge, BridgeEnd, PluginUse, RequestContext, Session } from '@parley/sdk';

/** What the switchboard did, for assertions. */
export interface Seen {
  ends: BridgeEnd[];
  session?: Session;
  bridge?: Bridge;
  notified: string[];
  subscriptionEnd?: string;
  change?: (text: string) => void;
}

/** The plugin, and what it does. */
export function switchboard(): { readonly plugin: PluginUse; readonly seen: Seen } {
  const seen: Seen = { ends: [], notified: [] };

  @injectable()
  class Switchboard {
    constructor(
      @inject(Dialogs) private readonly dialogs: Dialogs,
      @inject(Endpoints) private readonly endpoints: Endpoints,
      @inject(Server) readonly server: Server,
      @inject(Clock) readonly clock: Clock,
      @inject(Bus) readonly bus: Bus,
    ) {}

    onMusic(tx: RequestContext): void {
      seen.session = answer(this.dialogs, tx, { body: 'v=0 music', contentType: 'application/sdp' });
    }

    onDesk(tx: RequestContext): void {
      const [endpoint] = this.endpoints.endpoints('bob@example.com');
      if (endpoint === undefined) return void respond(tx, 480, { headers: { 'Retry-After': '30' } });
      const { contact: uri, flow } = endpoint;
      seen.bridge = bridge(this.dialogs, tx, { uri, ...(flow && { flow }), onEnded: (end) => seen.ends.push(end) });
    }

    onSubscribe(tx: RequestContext): void {
      let state = 'first';
      const notifier = notify(this.dialogs, tx, () => ({ body: state, contentType: 'text/plain' }), {
        expires: 60,
        onEnded: (reason) => (seen.subscriptionEnd = reason),
      });
      seen.change = (text) => {
        state = text;
        notifier.notify({ body: text, contentType: 'text/plain' });
      };
    }

    onMessage(tx: RequestContext): void {
      const user = tx.request.requestUri.user;
      const uris = ['bob', 'carol'].flatMap((name) => this.endpoints.endpoints(`${name}@example.com`).map(({ contact }) => contact));
      if (user === 'all') fork(tx, uris);
      else if (user === 'first') fork(tx, uris, { order: 'serial', ringSeconds: 5 });
      else if (user === 'watch') this.watch(tx, uris[0] ?? '');
      else proxy(tx);
    }

    private watch(tx: RequestContext, uri: string): void {
      const contact = this.dialogs.contact(tx.flow);
      subscribe(this.dialogs, { uri, from: '<sip:watch@example.com>', contact, event: 'test' }, (message) => {
        seen.notified.push(message.body.toString());
      });
      respond(tx, 202, { reason: 'Watching' });
    }
  }

  const plugin = definePlugin({
    name: 'switchboard',
    summary: 'Uses every helper',
    config: z.strictObject({}),
    scripts: ['switchboard.am'],
    handler: Switchboard,
    root: new URL('.', import.meta.url),
  });
  return { plugin: plugin(), seen };
}
