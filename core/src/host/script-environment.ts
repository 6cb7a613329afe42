/** What routing scripts may ask of this server. */
import { decodeText } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Inbound } from '../transport/index.ts';
import { STANDARD_METHOD, logEntry } from '../script/index.ts';
import type {
  CompiledApplication,
  ExternalSource,
  LogChannel,
  ScriptEndpoint,
  ScriptEnvironment,
  ScriptFault,
  ScriptRun,
} from '../script/index.ts';
import type { Server } from './core-tokens.ts';
import type { Endpoints, RegisteredEndpoint } from './endpoints.ts';
import type { Log } from './log.ts';
import type { AskPlugins } from './script-answers.ts';

/** A single server is both pool and home server; the built-in scripts of the product call that FrontEnd too. */
export const SERVER_ROLE = 'FrontEnd';

export class ServerScriptEnvironment implements ScriptEnvironment {
  readonly fqdn: string;
  readonly pool: string;
  readonly role = SERVER_ROLE;

  constructor(
    private readonly server: Pick<Server, 'fqdn' | 'isLocalDomain'>,
    /** Whether a host part is an address of this server itself. */
    private readonly isOwnHost: (host: string) => boolean,
    private readonly registered: Endpoints,
    private readonly serverLog: Log,
    private readonly plugins: AskPlugins,
  ) {
    this.fqdn = server.fqdn;
    this.pool = server.fqdn;
  }

  domainSupported(domain: string): boolean {
    if (domain === '') return this.registered.known;
    return this.server.isLocalDomain(domain) || domain.toLowerCase() === this.fqdn || this.isOwnHost(domain);
  }

  isLocalDomain(domain: string): boolean {
    return this.server.isLocalDomain(domain);
  }

  endpoints(userAtHost: string): readonly ScriptEndpoint[] {
    return this.registered.endpoints(decodeText(userAtHost)).map(scriptEndpoint);
  }

  homeServer(key: string, isPhone: boolean, cluster: string): string | null {
    const known = this.plugins.homeServer(key, isPhone, cluster);
    if (known !== undefined) return known;
    const aor = isPhone ? this.registered.aorOf(`tel:${key}`) : key;
    return aor !== undefined && this.registered.isUser(aor) ? this.fqdn : null;
  }

  /** An option that no plugin knows of is not set. */
  checkUserOption(key: string, option: string, isPhone: boolean): boolean {
    return this.plugins.userOption(key, option, isPhone) ?? false;
  }

  sourceOf(inbound: Inbound<SipRequest>): ExternalSource | undefined {
    return this.plugins.source(inbound);
  }

  log(channel: LogChannel, run: ScriptRun, detail: boolean, text: string, application: CompiledApplication): void {
    const level = channel === 'Error' ? 'error' : channel === 'Event' ? 'warn' : 'debug';
    this.serverLog[level](
      { appUri: application.appUri, callId: run.original.callId },
      logEntry(application.appUri, run, detail, text, Date.now()),
    );
  }

  scriptError(application: CompiledApplication, fault: ScriptFault, critical: boolean): void {
    const { code, message, file, line, column } = fault;
    const where = fault.function === '' ? '' : ` in ${fault.function}()`;
    this.serverLog[critical ? 'error' : 'warn'](
      { appUri: application.appUri, code, critical },
      `${file}:${line}:${column}${where}: ${message}`,
    );
  }
}

function scriptEndpoint(endpoint: RegisteredEndpoint): ScriptEndpoint {
  let standardMethods = 0;
  const extra: string[] = [];
  for (const method of endpoint.methods) {
    const bit = STANDARD_METHOD.valueOf(method);
    if (bit === 0) extra.push(method);
    else standardMethods |= bit;
  }
  return {
    epid: endpoint.epid ?? '',
    instance: endpoint.instance ?? null,
    standardMethods,
    extraMethods: extra.join(','),
    contactInfo: endpoint.contact,
  };
}
