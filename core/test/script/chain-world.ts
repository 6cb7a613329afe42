/** The application chain between a transaction and a proxy core that only keep what they get. */
import type { Leg, ResponseContext } from '../../src/proxy/index.ts';
import type { SipRequest, SipResponse } from '../../src/sip/index.ts';
import { ApplicationChain, compileApplication } from '../../src/script/index.ts';
import type { ChainedApplication, CompileOptions, ScriptEnvironment } from '../../src/script/index.ts';
import type { ServerTransaction } from '../../src/transaction/index.ts';
import { Inbound } from '../../src/transport/index.ts';
import type { Flow } from '../../src/transport/index.ts';

/** A server without users. */
export const ENVIRONMENT: ScriptEnvironment = {
  fqdn: 'uc.example.com',
  pool: 'uc.example.com',
  role: 'FrontEnd',
  domainSupported: (domain) => domain === 'example.com' || domain === '',
  endpoints: () => [],
  homeServer: () => null,
  checkUserOption: () => false,
  log: () => undefined,
  scriptError: () => undefined,
};

/** What is different from a plugin's application with a handler that is always there. */
export interface AppOptions {
  /** Manifest elements, with the prefix r. */
  readonly filters?: string;
  readonly handler?: Record<string, (...args: never[]) => unknown>;
  readonly appUri?: string;
  readonly compile?: CompileOptions;
  readonly available?: () => boolean;
  readonly busy?: () => boolean;
}

/** An application around a script; filters are manifest elements. */
export function app(name: string, script: string, options: AppOptions = {}): ChainedApplication {
  const { filters = '', handler, appUri = `http://example.com/${name}`, compile = {}, available, busy } = options;
  const text = `<r:applicationManifest r:appUri="${appUri}" xmlns:r="http://schemas.microsoft.com/lcs/2006/05">${filters}<r:splScript><![CDATA[${script}]]></r:splScript></r:applicationManifest>`;
  const compiled = compileApplication(text, `${name}.am`, compile);
  if (!compiled.ok) throw new Error(compiled.diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  const methods = handler === undefined ? undefined : new Map(Object.entries(handler));
  return { compiled: compiled.application, name, plugin: 'test', handler: methods, criticalErrors: 0, disabled: false, available, busy };
}

/** No responses. */
export const QUIET = '<r:responseFilter reasonCodes="NONE"/>';

/** A chain, what came out at its end, and what went back. */
export class ChainWorld {
  /** What left at the end of the chain. */
  readonly forwarded: Leg[] = [];
  readonly acks: Leg[] = [];
  readonly responses: SipResponse[] = [];
  readonly reports: string[] = [];
  readonly chain: ApplicationChain;
  context: ResponseContext | undefined;

  /** Between the chain and the sender. */
  readonly flow = { id: 1, transport: 'TCP', reliable: true, open: true, tlsPeer: '', trusted: false };

  constructor(...applications: ChainedApplication[]) {
    const proxy = {
      forward: (context: ResponseContext, leg: Leg): void => {
        this.context = context;
        this.forwarded.push(leg);
      },
      forwardAck: (leg: Leg): void => void this.acks.push(leg),
    };
    this.chain = new ApplicationChain(proxy, ENVIRONMENT, {
      handlerFailed: (application, method, error) => this.reports.push(`${application.name} ${method}: ${String(error)}`),
      disabled: (application) => this.reports.push(`${application.name} is disabled`),
    });
    this.chain.install(applications);
  }

  /** Statuses that went back. */
  get statuses(): number[] {
    return this.responses.map((response) => response.status);
  }

  /** A request arrives. @param fixedRoute it follows a route set */
  send(message: SipRequest, fixedRoute = false): void {
    const inbound = new Inbound(message, this.flow as unknown as Flow);
    const transaction = {
      request: message,
      inbound,
      flow: inbound.flow,
      isInvite: message.method === 'INVITE',
      finalSent: 0,
      review: undefined as ServerTransaction['review'],
      respond: (response: SipResponse, reviewed = false): boolean => {
        if (transaction.review !== undefined && !reviewed) return transaction.review(response, () => transaction.respond(response, true));
        if (transaction.finalSent !== 0 && !(transaction.isInvite && response.status < 300)) return false;
        this.responses.push(response);
        if (response.status >= 200) transaction.finalSent = response.status;
        return true;
      },
      abandon: () => undefined,
      release: () => undefined,
    };
    const admitted = { fixedRoute, trustedRoute: fixedRoute, side: undefined, branchSuffix: '.L0' };
    if (message.method === 'ACK') this.chain.ack(inbound, admitted);
    else this.chain.request(transaction as unknown as ServerTransaction, admitted);
  }
}
