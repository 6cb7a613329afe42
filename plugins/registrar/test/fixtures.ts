/** Flows, requests and a registrar, made of literals. */
import { DEFAULT_LIMITS, EventPackageList, FakeClock, parseMessage } from '@parley/sdk';
import type { Flow, Identity, Listener, Log, SipRequest, Store, Subject, TransportName } from '@parley/sdk';
import { Bound } from '../src/api.ts';
import type { EndpointEvent } from '../src/api.ts';
import type { RegistrarTables } from '../src/binding-row.ts';
import { Bindings } from '../src/bindings.ts';
import type { BindingsTransport } from '../src/bindings.ts';
import { RegistrarConfig } from '../src/config.ts';
import { Registrar } from '../src/registrar.ts';
import type { RegisterContext } from '../src/registrar.ts';

const LISTENER = { transport: 'UDP', address: { host: '0.0.0.0', port: 5060 } } as unknown as Listener;

/** A flow from 192.0.2.50:50123; a connection for every transport but UDP. */
export function aFlow(transport: TransportName = 'UDP', more: Partial<Flow> = {}): Flow {
  const reliable = transport !== 'UDP';
  return {
    id: reliable ? 0x2600 : 0,
    transport,
    reliable,
    secure: transport === 'TLS' || transport === 'WSS',
    local: { host: '192.0.2.10', port: 5060 },
    remote: { host: '192.0.2.50', port: 50123 },
    listener: LISTENER,
    tlsPeer: '',
    open: true,
    authenticated: false,
    trusted: false,
    hasTlsName: () => false,
    write: () => true,
    close: () => undefined,
    ...more,
  };
}

/** A REGISTER of alice; header lines beyond the mandatory ones are given. */
export function aRegister(
  lines: readonly string[],
  more: { from?: string; to?: string; callId?: string; cseq?: number; via?: string } = {},
): SipRequest {
  const head = [
    'REGISTER sip:example.com SIP/2.0',
    `Via: ${more.via ?? 'SIP/2.0/UDP 192.0.2.50:50123;branch=z9hG4bK0A0B'}`,
    `From: ${more.from ?? '<sip:alice@example.com>;tag=11112222'}`,
    `To: ${more.to ?? '<sip:alice@example.com>'}`,
    `Call-ID: ${more.callId ?? 'call-1'}`,
    `CSeq: ${more.cseq ?? 1} REGISTER`,
    'Max-Forwards: 70',
    ...lines,
    'Content-Length: 0',
  ];
  const result = parseMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), DEFAULT_LIMITS);
  if (!result.ok) throw result.error;
  return result.message as SipRequest;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly toTag?: string | undefined;
  readonly reason?: string | undefined;
}

export interface Published {
  readonly subject: string;
  readonly message: object;
}

const SILENT_LOG = Object.fromEntries(
  ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, () => undefined]),
) as unknown as Log;

/** A registrar with everything around it in memory. */
export class RegistrarRig {
  readonly clock = new FakeClock();
  readonly published: Published[] = [];
  readonly events = new EventPackageList();
  /** Told when an endpoint has come or moved. */
  onBound: (aor: string) => void = () => undefined;
  readonly bindings: Bindings;
  readonly registrar: Registrar;
  private closed: ((flow: Flow) => void) | undefined;

  constructor(
    config: Partial<RegistrarConfig> = {},
    store?: Store<RegistrarTables>,
    users: Readonly<Record<string, boolean>> = { 'alice@example.com': true },
    ownDomain = 'example.com',
    homes: Readonly<Record<string, string>> = {},
  ) {
    const parsed = RegistrarConfig.parse({ requireAuthentication: false, persist: store !== undefined, ...config });
    const transport: BindingsTransport = {
      listeners: [LISTENER],
      udpFlow: (_from, remote) => aFlow('UDP', { remote }),
      onFlowClosed: (listener) => {
        this.closed = (flow) => listener(flow, 'closed');
        return () => (this.closed = undefined);
      },
    };
    const bus = {
      publish: <M>(subject: Subject<M>, message: M): void => {
        this.published.push({ subject: subject.name, message: message as object });
        if (subject.name === Bound.name) this.onBound((message as EndpointEvent).aor);
      },
    };
    this.bindings = new Bindings(parsed, transport, this.clock, bus, store as Store<RegistrarTables>, SILENT_LOG, { mode: 'serve' });
    const server = { fqdn: 'uc.example.com', isLocalDomain: (domain: string) => domain === ownDomain };
    const findByAor = (aor: string) =>
      aor in users ? ({ aor, enabled: users[aor] === true, homeServer: homes[aor] ?? null } as never) : undefined;
    this.registrar = new Registrar(
      this.bindings,
      parsed,
      server,
      this.clock,
      this.events,
      { subscribe: () => undefined },
      { findByAor, findByPhone: () => undefined },
    );
  }

  /** What a REGISTER is answered with. */
  ask(request: SipRequest, flow: Flow = aFlow(), identity?: Identity): Answer {
    const answers: Answer[] = [];
    const respond: RegisterContext['respond'] = (status, headers = {}, { toTag, reason } = {}) => {
      answers.push({ status, headers, toTag, reason });
      return true;
    };
    this.registrar.onRegister({ request, flow, identity, respond });
    if (answers.length !== 1) throw new Error(`${answers.length} answers`);
    return answers[0] as Answer;
  }

  /** The transport has lost a connection. */
  closeFlow(flow: Flow): void {
    this.closed?.(flow);
  }
}

/** Contact fields of an answer. */
export function contacts(answer: Answer): readonly string[] {
  return (answer.headers['Contact'] as readonly string[] | undefined) ?? [];
}
