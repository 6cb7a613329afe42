/** One script in front of one message, without a server: what `parley script trace` shows. */
import { ApplicationChain, MessageTrace, STANDARD_METHOD, compileApplication, formatDiagnostic } from '../script/index.ts';
import type {
  ChainedApplication,
  CompiledApplication,
  FileSource,
  ScriptEndpoint,
  ScriptEnvironment,
  TraceEvent,
} from '../script/index.ts';
import type { Leg } from '../proxy/index.ts';
import { H, decodeText } from '../sip/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { Inbound } from '../transport/index.ts';
import type { Flow, TransportName } from '../transport/index.ts';
import { ServerErrors } from './sip-server-errors.ts';

/** A registered endpoint, as far as scripts see it. */
export interface TrialEndpoint {
  readonly contact: string;
  readonly epid?: string;
  /** Every standard one when absent. */
  readonly methods?: readonly string[];
}

/** What the script finds around it. */
export interface TrialWorld {
  readonly fqdn: string;
  /** Domains that the server is responsible for, lower case. */
  readonly domains: readonly string[];
  /** Endpoints by `user@host`, lower case; a user may have none. */
  readonly users: ReadonlyMap<string, readonly TrialEndpoint[]>;
  readonly transport: TransportName;
  /** Name in the certificate of the previous hop; '' without one. */
  readonly tlsPeer: string;
  /** Who the gates have found to be the sender. */
  readonly identity: string | undefined;
}

/** What a script is tried with. */
export interface TrialOptions extends TrialWorld {
  readonly request: SipRequest;
  /** Goes back through the script, if that lets the request through. */
  readonly response: SipResponse | undefined;
  readonly lenient: boolean;
  readonly files: FileSource | undefined;
  readonly bodies: boolean;
}

/** How it ended. */
export interface Trial {
  readonly events: readonly TraceEvent[];
  /** Manifests with remarks run all the same. */
  readonly remarks: readonly string[];
  /** Requests that left, in order: their Request-URIs. */
  readonly sent: readonly string[];
  /** What was answered: `403 Forbidden`. */
  readonly answered: readonly string[];
  /** Whether the response would reach the caller; undefined when none came to it. */
  readonly returned: boolean | undefined;
}

/**
 * Runs the script.
 * @param path of the manifest: its tables are read beside it, unless `files` knows better
 * @throws HOST_SCRIPTS_UNFIT for a script that does not compile
 */
export function tryScript(text: string, path: string, options: TrialOptions): Trial {
  const { request, response, lenient, files, bodies } = options;
  const compiled = compileApplication(text, path, { lenient, ...(files === undefined ? {} : { files }) });
  if (!compiled.ok) {
    const list = compiled.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, text)).join('\n');
    throw ServerErrors.HOST_SCRIPTS_UNFIT({ list });
  }
  const application = chained(compiled.application);
  const events: TraceEvent[] = [];
  const legs: (Leg & { readonly request: SipRequest })[] = [];
  const forward = (leg: Leg): void => void legs.push(leg);
  const chain = new ApplicationChain({ forward: (_, leg) => forward(leg), forwardAck: forward }, environmentOf(options), {
    handlerFailed: () => undefined,
    disabled: () => undefined,
  });
  chain.install([application]);
  chain.tracer = { begin: (message) => new MessageTrace(message, (event) => events.push(event), { bodies, text: () => text }) };
  const answers: SipResponse[] = [];
  const transaction = trialTransaction(inboundOf(options), answers);
  const fixedRoute = request.has(H.Route) || request.to.tag !== undefined;
  const admitted = { fixedRoute, trustedRoute: false, side: undefined, branchSuffix: '' };
  if (request.method === 'ACK') chain.ack(transaction.inbound, admitted);
  else chain.request(transaction, admitted);
  const [leg] = legs;
  const passage = response === undefined || leg === undefined ? undefined : leg.onResponse(response);
  compiled.application.close();
  return {
    events,
    remarks: compiled.warnings.map((warning) => formatDiagnostic(warning, text)),
    sent: legs.map((one) => decodeText(one.request.uri)),
    answered: answers.map(({ status, reason }) => `${status} ${decodeText(reason)}`),
    returned: passage === undefined ? undefined : passage === true,
  };
}

function chained(compiled: CompiledApplication): ChainedApplication {
  // A handler that takes everything and does nothing: what it would do is its plugin's.
  const handler = new Map(compiled.dispatches.map(({ method }) => [method, () => undefined]));
  return {
    compiled,
    name: compiled.file.split('/').at(-1) ?? compiled.file,
    plugin: undefined,
    handler,
    criticalErrors: 0,
    disabled: false,
  };
}

function inboundOf({ request, transport, tlsPeer, identity }: TrialOptions): Inbound<SipRequest> {
  const reliable = transport !== 'UDP';
  const address = { host: '192.0.2.1', port: 5060 };
  const flow: Flow = {
    id: 1,
    transport,
    reliable,
    secure: transport === 'TLS' || transport === 'WSS',
    local: address,
    remote: address,
    listener: undefined,
    tlsPeer,
    open: true,
    authenticated: identity !== undefined,
    trusted: false,
    hasTlsName: (name) => name === tlsPeer,
    write: () => true,
    close: () => undefined,
  };
  const inbound = new Inbound(request, flow);
  if (identity !== undefined) inbound.identity = { aor: identity, mechanism: 'trial' };
  return inbound;
}

/** What the chain uses of a transaction. Nothing is retransmitted, and nobody waits for the answer. */
function trialTransaction(inbound: Inbound<SipRequest>, answers: SipResponse[]): ServerTransaction {
  const transaction = {
    request: inbound.message,
    inbound,
    flow: inbound.flow,
    isInvite: inbound.message.method === 'INVITE',
    finalSent: 0,
    respond: (response: SipResponse): boolean => {
      answers.push(response);
      if (response.status >= 200) transaction.finalSent = response.status;
      return true;
    },
    abandon: () => undefined,
    release: () => undefined,
  };
  return transaction as unknown as ServerTransaction;
}

function environmentOf({ fqdn, domains, users }: TrialWorld): ScriptEnvironment {
  return {
    fqdn,
    pool: fqdn,
    role: 'FrontEnd',
    domainSupported: (domain) => domain === '' || domain.toLowerCase() === fqdn || domains.includes(domain.toLowerCase()),
    endpoints: (user) => (users.get(decodeText(user).toLowerCase()) ?? []).map(scriptEndpoint),
    homeServer: (key) => (users.has(key.toLowerCase()) ? fqdn : null),
    checkUserOption: () => false,
    log: () => undefined,
    scriptError: () => undefined,
  };
}

const EVERY_METHOD = 'ACK BENOTIFY BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS REFER SERVICE SUBSCRIBE'.split(' ');

function scriptEndpoint({ contact, epid = '', methods = EVERY_METHOD }: TrialEndpoint): ScriptEndpoint {
  let standardMethods = 0;
  const extra: string[] = [];
  for (const method of methods) {
    const bit = STANDARD_METHOD.valueOf(method);
    if (bit > 0) standardMethods |= bit;
    else if (!EVERY_METHOD.includes(method)) extra.push(method);
  }
  return { epid, instance: null, standardMethods, extraMethods: extra.join(','), contactInfo: contact };
}
