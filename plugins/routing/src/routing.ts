/** Default routing: delivers to the endpoints of our users, relays to other domains where that is allowed, refuses the rest. */
import { EventPackages, H, ParleyError, PluginConfig, Server, Transport, inject, injectable } from '@parley/sdk';
import type { ForkTarget, RequestContext } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import { Location } from '@parley/plugin-registrar/api';
import { chooseEndpoints } from './choose-endpoints.ts';
import type { RoutingConfig } from './config.ts';
import { diagnosticsOf } from './diagnostics.ts';
import { RoutingErrors } from './errors.ts';
import { findRoute } from './find-route.ts';
import type { Route, Surroundings } from './find-route.ts';

/** What routing uses of a request. */
export type RoutingContext = Pick<RequestContext, 'request' | 'flow' | 'identity' | 'routed' | 'respond' | 'fork' | 'proxy'>;

/** Methods that endpoints and the proxy take: Allow of a 405. */
const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, INFO, UPDATE, PRACK, REFER, NOTIFY, REGISTER';

/** The handler of routes.am. */
@injectable()
export class Routing {
  /** Requests by what became of them, for the metrics. */
  readonly counts = { delivered: 0, relayed: 0, refused: 0 };
  private readonly world: Surroundings;

  constructor(
    @inject(PluginConfig) private readonly config: RoutingConfig,
    @inject(Location) private readonly location: Pick<Location, 'bindings' | 'byGruu' | 'byContact' | 'target'>,
    @inject(Server) private readonly server: Pick<Server, 'fqdn' | 'isLocalDomain'>,
    @inject(Transport) transport: Pick<Transport, 'isOwnAddress'>,
    @inject(EventPackages) private readonly events: EventPackages,
    @inject(Directory, { optional: true }) directory: Pick<Directory, 'findByAor' | 'findByPhone'> | undefined,
  ) {
    this.world = {
      config,
      location,
      directory: config.users === 'any' ? undefined : directory,
      isLocalDomain: (host) => server.isLocalDomain(host),
      isOwnAddress: (host, port) => host === server.fqdn || transport.isOwnAddress(host, port),
    };
  }

  onRequest(tx: RoutingContext): void {
    // Somebody before us has named the very place: MSPL R51.
    if (tx.routed) {
      tx.proxy();
      return;
    }
    const { request } = tx;
    const route = findRoute(
      {
        method: request.method,
        uri: request.requestUri,
        from: request.from.uri,
        identity: tx.identity?.aor,
        event: (request.first(H.Event) ?? 'nothing').split(';', 1)[0] as string,
      },
      this.world,
    );
    if (route instanceof ParleyError) this.refuse(tx, route);
    else if (route.kind === 'relay') this.relay(tx);
    else this.deliver(tx, route);
  }

  private deliver(tx: RoutingContext, route: Route & { kind: 'deliver' }): void {
    const { request, flow } = tx;
    const { aor } = route;
    const chosen =
      route.bindings.length === 1 && tx.identity?.aor !== aor
        ? route.bindings
        : chooseEndpoints(
            route.bindings,
            aor,
            { aor: tx.identity?.aor ?? '', epid: request.from.epid ?? '', flowId: flow.id },
            this.config.maxBranches,
          );
    const targets: ForkTarget[] = [];
    for (const binding of chosen) {
      const target = this.location.target(binding);
      if (target !== undefined) targets.push(target);
    }
    if (targets.length === 0) {
      this.refuse(tx, RoutingErrors.ROUTING_NOT_REGISTERED({ aor }));
      return;
    }
    if (this.config.historyInfo && request.method === 'INVITE' && !request.has(H.HistoryInfo))
      request.append(H.HistoryInfo, `<${request.uri}>;index=1`);
    this.counts.delivered++;
    tx.fork(targets);
  }

  private relay(tx: RoutingContext): void {
    this.counts.relayed++;
    tx.fork([{ uri: tx.request.uri }]);
  }

  private refuse(tx: RoutingContext, error: ParleyError): void {
    this.counts.refused++;
    const headers = diagnosticsOf(error, this.server.fqdn);
    if (error.status === 405) headers['Allow'] = ALLOW;
    if (error.status === 489 && this.events.names.length > 0) headers['Allow-Events'] = this.events.names.join(',');
    tx.respond(error.status ?? 500, headers);
  }
}
