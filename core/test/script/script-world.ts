/** A script in front of one message, with a server that only writes down what is asked of it. */
import { decodeText, parseMessage, DEFAULT_LIMITS } from '../../src/sip/index.ts';
import type { SipRequest, SipResponse } from '../../src/sip/index.ts';
import { compileApplication } from '../../src/script/index.ts';
import type {
  CompiledApplication,
  CompileOptions,
  Diagnostic,
  RunOutcome,
  ScriptActions,
  ScriptEndpoint,
  ScriptEnvironment,
  ScriptFault,
  ScriptRun,
  ScriptValue,
} from '../../src/script/index.ts';

/** A manifest around a script. @param elements instead of the usual filters */
export function manifest(script: string, elements = ''): string {
  return `<?xml version="1.0"?>
<lc:applicationManifest lc:appUri="http://example.com/apps/Test" xmlns:lc="http://schemas.microsoft.com/lcs/2006/05">
${elements}<lc:splScript><![CDATA[${script}]]></lc:splScript>
</lc:applicationManifest>`;
}

/** The application of a manifest that has to compile. */
export function compiled(text: string, options: CompileOptions = {}): CompiledApplication {
  const result = compileApplication(text, '/etc/parley/test.am', options);
  if (!result.ok) throw new Error(result.diagnostics.map((found) => `${found.line}:${found.column} ${found.message}`).join('\n'));
  return result.application;
}

/** The errors of a manifest that must not compile. */
export function faults(text: string, options: CompileOptions = {}): readonly Diagnostic[] {
  const result = compileApplication(text, 'test.am', options);
  if (result.ok) throw new Error('it compiles');
  return result.diagnostics.filter((found) => found.severity === 'error');
}

/** The codes of the errors of a script. */
export function codes(script: string, elements = ''): string[] {
  return faults(manifest(script, elements)).map((found) => found.code);
}

/** Codes and messages of the warnings of a manifest that compiles. */
export function warnings(text: string, options: CompileOptions = {}): string[] {
  const result = compileApplication(text, 'test.am', options);
  return result.ok ? result.warnings.map((found) => found.code) : ['it does not compile'];
}

const ALICE = '"Alice" <sip:alice@example.com>;tag=1;epid=aa';
const BOB = '<sip:bob@example.com>';

/** A request as it comes from the wire. @param more header lines */
export function request(method: string, more: readonly string[] = [], body = ''): SipRequest {
  const lines = [
    `${method} sip:bob@example.com SIP/2.0`,
    'Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bKa',
    `From: ${ALICE}`,
    `To: ${BOB}`,
    'Call-ID: c1',
    `CSeq: 1 ${method}`,
    'Max-Forwards: 70',
    ...more,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ];
  return read(lines) as SipRequest;
}

/** A response to an INVITE. */
export function response(status: number, reason = 'OK', more: readonly string[] = []): SipResponse {
  const lines = [
    `SIP/2.0 ${status} ${reason}`,
    'Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bKa',
    `From: ${ALICE}`,
    `To: ${BOB};tag=2`,
    'Call-ID: c1',
    'CSeq: 1 INVITE',
    ...more,
    'Content-Length: 0',
    '',
    '',
  ];
  return read(lines) as SipResponse;
}

function read(lines: readonly string[]): SipRequest | SipResponse {
  const result = parseMessage(Buffer.from(lines.join('\r\n')), DEFAULT_LIMITS);
  if (!result.ok) throw result.error;
  return result.message;
}

/** Bob's two endpoints, as the sheet's vectors have them. */
export const BOBS_ENDPOINTS: readonly ScriptEndpoint[] = [
  {
    epid: 'e1',
    instance: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    standardMethods: 0x150,
    extraMethods: '',
    contactInfo: 'sip:192.0.2.7:5061;transport=tls;ms-opaque=x',
  },
  { epid: 'e2', instance: null, standardMethods: 0x100, extraMethods: 'FOO', contactInfo: 'sip:192.0.2.8:5061;transport=tls;ms-opaque=y' },
];

/** What a run did, in the order in which it did it: `respond 403 Forbidden`, `proxy`, `fork a b` ... */
export interface Ran {
  readonly did: readonly string[];
  readonly outcome: RunOutcome;
  readonly critical: readonly ScriptFault[];
  readonly log: readonly string[];
  readonly parameters: readonly ScriptValue[];
}

/** What is different from an ordinary request on an ordinary server. */
export type Circumstances = Partial<Omit<ScriptRun, 'actions' | 'environment'>> & {
  /** What Dispatch gives back. */
  readonly taken?: boolean;
  readonly environment?: Partial<ScriptEnvironment>;
};

class Recorder implements ScriptActions {
  readonly did: string[] = [];
  parameters: readonly ScriptValue[] = [];

  constructor(
    private readonly message: SipRequest | SipResponse,
    private readonly taken: boolean,
  ) {}

  respond(status: number, reason: string, headers: readonly (readonly [string, string])[]): boolean {
    this.did.push(['respond', status, decodeText(reason), ...headers.map(([name, value]) => `${name}: ${value}`)].join(' '));
    return true;
  }

  proxyRequest(uri: string): void {
    this.did.push(`proxy ${uri}`.trim());
  }

  retarget(uri: string): void {
    this.did.push(`retarget ${uri}`);
  }

  fork(uris: readonly string[]): void {
    this.did.push(`fork ${uris.join(' ')}`);
  }

  proxyResponse(): void {
    this.did.push('proxy response');
  }

  dispatch(method: string, parameters: readonly ScriptValue[]): boolean {
    this.did.push(`dispatch ${method}`);
    this.parameters = parameters;
    return this.taken;
  }

  notify(method: string, parameters: readonly ScriptValue[]): boolean {
    this.did.push(`notify ${method}`);
    this.parameters = parameters;
    return true;
  }

  setRequestUri(uri: string): void {
    this.did.push(`uri ${uri}`);
    if (this.message.isRequest) this.message.uri = uri;
  }
}

/** Runs an application on a message, or on a plain INVITE. */
export function run(
  application: CompiledApplication,
  message: SipRequest | SipResponse = request('INVITE'),
  { taken = true, environment, ...circumstances }: Circumstances = {},
): Ran {
  const actions = new Recorder(message, taken);
  const critical: ScriptFault[] = [];
  const log: string[] = [];
  const outcome = application.run({
    request: message.isRequest ? message : undefined,
    response: message.isRequest ? undefined : message,
    original: message.isRequest ? message : request('INVITE'),
    sourceFlow: { tlsPeer: '' },
    identity: undefined,
    target: { uri: 'sip:bob@example.com', aor: 'bob@example.com', instance: null, isPhone: false, domainSupported: true },
    source: { aor: 'alice@example.com', isPhone: false, instance: null },
    fixedRoute: false,
    actions,
    environment: {
      fqdn: 'fe1.example.com',
      pool: 'pool.example.com',
      role: 'FrontEnd',
      domainSupported: (domain) => domain === 'example.com' || domain === '',
      endpoints: (user) => (user === 'bob@example.com' ? BOBS_ENDPOINTS : []),
      homeServer: (key) => (key === 'bob@example.com' ? 'fe1.example.com' : null),
      checkUserOption: (_key, option) => option === 'UcEnabled',
      log: (channel, _run, detail, text) => log.push(`${channel} ${detail ? 'whole' : 'short'} ${text}`),
      scriptError: (_application, fault, isCritical) => {
        if (isCritical) critical.push(fault);
      },
      ...environment,
    },
    ...circumstances,
  });
  return { did: actions.did, outcome, critical, log, parameters: actions.parameters };
}

/** Runs a script, without filters around it. */
export function runScript(script: string, message?: SipRequest | SipResponse, circumstances?: Circumstances): Ran {
  return run(compiled(manifest(script)), message, circumstances);
}

/** The text that a script puts into the header X of the message: what an expression gives. */
export function valueOf(expression: string, message: SipRequest | SipResponse = request('INVITE'), circumstances?: Circumstances): string {
  const { outcome } = runScript(`AddHeader("X", Concatenate("", ${expression}));`, message, circumstances);
  return outcome.error === undefined ? (message.first('X') ?? 'no header') : outcome.error.code;
}

/** The value of a header of a message that a script was run on. */
export function headerAfter(script: string, header: string, message: SipRequest | SipResponse = request('INVITE')): string | undefined {
  runScript(script, message);
  return message.first(header);
}
