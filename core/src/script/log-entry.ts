/** What Log writes to the event log: who said it, about which message, and what. Sheet mspl 4.9, R55. */
import { H, decodeText } from '../sip/index.ts';
import type { SipMessage } from '../sip/index.ts';
import type { ScriptRun } from './run.ts';

const SECRETS: ReadonlySet<number> = new Set([
  H.Authorization,
  H.ProxyAuthorization,
  H.AuthenticationInfo,
  H.ProxyAuthenticationInfo,
  H.WWWAuthenticate,
  H.ProxyAuthenticate,
]);
const SCHEME = /^\s*(\S+)/;

/**
 * The text of one entry: appUri and date, then method, Request-URI, From and To, or with `detail` the whole message with its
 * credentials masked, then what the script said.
 * @param now milliseconds since 1970
 */
export function logEntry(appUri: string, run: ScriptRun, detail: boolean, text: string, now: number): string {
  const message = run.request ?? run.response ?? run.original;
  const said = detail ? wholeMessage(message) : summary(run, message);
  return `${appUri} ${new Date(now).toISOString()}\n${said}\n${text}`;
}

function summary(run: ScriptRun, message: SipMessage): string {
  const { method, uri } = run.request ?? run.original;
  const status = run.response === undefined ? '' : ` ${run.response.status}`;
  const from = decodeText(message.first(H.From) ?? '');
  const to = decodeText(message.first(H.To) ?? '');
  return `${method}${status} ${decodeText(uri)}\nFrom: ${from}\nTo: ${to}`;
}

function wholeMessage(message: SipMessage): string {
  const lines = decodeText(message.toString()).split('\r\n');
  const end = lines.indexOf('');
  const startLine = lines[0] ?? '';
  const head = message.headers.map((field) => {
    const value = SECRETS.has(field.id) ? `${SCHEME.exec(field.value)?.[1] ?? ''} (masked)` : decodeText(field.value);
    return `${field.name}: ${value}`;
  });
  return [startLine, ...head, ...(end < 0 ? [] : lines.slice(end))].join('\n');
}
