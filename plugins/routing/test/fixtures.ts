/** Endpoints, requests and a world, made of literals. */
import { DEFAULT_LIMITS, EventPackageList, SipUri, parseMessage } from '@parley/sdk';
import type { Flow, ForkTarget, Identity, SipRequest } from '@parley/sdk';
import type { Binding } from '@parley/plugin-registrar/api';
import { RoutingConfig } from '../src/config.ts';
import type { Surroundings } from '../src/find-route.ts';
import { Routing } from '../src/routing.ts';
import type { RoutingContext } from '../src/routing.ts';

/** An endpoint of bob on connection 1. */
export function anEndpoint(more: Partial<Binding> & { takes?: readonly string[] } = {}): Binding {
  const names = more.takes ?? [];
  return {
    aor: 'bob@example.com',
    contact: 'sip:bob@192.0.2.7:5061;transport=tls',
    q: 1000,
    expiresAt: 10_000,
    registeredAt: 0,
    refreshedAt: 0,
    instance: '',
    regId: 0,
    epid: '',
    methods: { names, supports: (method) => names.length === 0 || names.includes(method) },
    path: [],
    userAgent: '',
    transport: 'TLS',
    flowId: 1,
    lost: false,
    ...more,
  };
}

const USERS: Readonly<Record<string, { readonly enabled: boolean; readonly phone?: string }>> = {
  'alice@example.com': { enabled: true },
  'bob@example.com': { enabled: true, phone: '+14255550101' },
  'dora@example.com': { enabled: false },
};

/** alice, bob with his endpoints, dora who is disabled; domain example.com on 192.0.2.10. */
export function aWorld(
  bindings: readonly Binding[],
  config: Partial<RoutingConfig> = {},
): Surroundings & { location: Surroundings['location'] } {
  return {
    config: RoutingConfig.parse(config),
    location: {
      bindings: (aor) => bindings.filter((binding) => binding.aor === aor),
      byGruu: (uri) => {
        if (!uri.params.has('gruu') || !String(uri.params.get('opaque')).startsWith('user:')) return undefined;
        const binding = bindings.find((candidate) => `user:epid:${candidate.instance}` === uri.params.get('opaque'));
        return { aor: uri.userAtHost, binding };
      },
      byContact: (uri) => bindings.find((binding) => SipUri.parse(binding.contact).userAtHost === uri.userAtHost),
    },
    directory: {
      findByAor: (aor) => (aor in USERS ? ({ aor, enabled: USERS[aor]?.enabled } as never) : undefined),
      findByPhone: (phone) => {
        const [aor] = Object.entries(USERS).find(([, user]) => user.phone === phone) ?? [];
        return aor === undefined ? undefined : ({ aor, enabled: true } as never);
      },
    },
    isLocalDomain: (host) => host === 'example.com',
    isOwnAddress: (host, port) => host === '192.0.2.10' && (port ?? 5060) === 5060,
  };
}

/** A request of alice's to `uri`. */
export function aRequest(
  method: string,
  uri: string,
  lines: readonly string[] = [],
  from = '<sip:alice@example.com>;tag=1;epid=aa',
): SipRequest {
  const head = [
    `${method} ${uri} SIP/2.0`,
    'Via: SIP/2.0/TLS 192.0.2.50;branch=z9hG4bK1',
    `From: ${from}`,
    `To: <${uri}>`,
    'Call-ID: 1',
    `CSeq: 1 ${method}`,
    'Max-Forwards: 70',
    ...lines,
    'Content-Length: 0',
  ];
  const result = parseMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), DEFAULT_LIMITS);
  if (!result.ok) throw result.error;
  return result.message as SipRequest;
}

/** What routing did with a request. */
export interface Outcome {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly targets?: readonly ForkTarget[];
  readonly passed?: true;
}

/** Runs the handler once. */
export function route(
  request: SipRequest,
  bindings: readonly Binding[],
  config: Partial<RoutingConfig> = {},
  more: {
    readonly identity?: Identity | undefined;
    readonly routed?: boolean;
    readonly flowId?: number;
    readonly events?: readonly string[];
  } = {},
): Outcome {
  const world = aWorld(bindings, config);
  const events = new EventPackageList();
  for (const name of more.events ?? []) events.add(name);
  const location = {
    ...world.location,
    target: (binding: Binding) => (binding.lost ? undefined : { uri: binding.contact, q: binding.q / 1000, epid: binding.epid }),
  };
  const server = { fqdn: 'uc.example.com', isLocalDomain: (host: string) => world.isLocalDomain(host) };
  const routing = new Routing(world.config, location, server, { isOwnAddress: world.isOwnAddress }, events, world.directory);
  const outcomes: Outcome[] = [];
  const tx: RoutingContext = {
    request,
    flow: { id: more.flowId ?? 99 } as Flow,
    identity: 'identity' in more ? more.identity : { aor: 'alice@example.com', mechanism: 'test' },
    routed: more.routed ?? false,
    respond: (status, headers = {}) => outcomes.push({ status, headers }) > 0,
    fork: (targets) => void outcomes.push({ targets }),
    proxy: () => void outcomes.push({ passed: true }),
  };
  routing.onRequest(tx);
  if (outcomes.length !== 1) throw new Error(`${outcomes.length} outcomes`);
  return outcomes[0] as Outcome;
}
