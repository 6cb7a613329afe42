/** What pidgin-sipe writes into its debug log: SIP messages, verdicts on signatures, complaints. */

/** One SIP message. */
export interface LoggedMessage {
  readonly direction: 'sent' | 'received';
  /** With CRLF between lines, as on the wire. */
  readonly text: string;
}

/** A debug log, taken apart. */
export interface DebugLog {
  readonly text: string;
  readonly messages: readonly LoggedMessage[];
  /** Messages of the server whose signature it found good. */
  readonly verified: number;
  /** Lines with which sipe complains. Those about the machine it runs on (no D-Bus, no certificate store) are left out. */
  readonly complaints: readonly string[];
}

const MESSAGE = /^MESSAGE START (>+|<+) SIP\([^\n]*\n([\s\S]*?)\nMESSAGE END/gm;
const VERIFIED = /signature of incoming message validated/g;
const COMPLAINT =
  /^\([\d:.]+\) (?:(?:error|warning) sipe|error (?:account|connection|proxy|sslconn)|(?:info|misc) sipe: .*(?:signature of incoming message is invalid|[Ii]nvalid message signature|failed to))/;

export function readDebugLog(text: string): DebugLog {
  const messages = [...text.matchAll(MESSAGE)].map(([, arrows = '', message = '']): LoggedMessage => ({
    direction: arrows.startsWith('>') ? 'sent' : 'received',
    text: message.replaceAll(/\r?\n/g, '\r\n'),
  }));
  return {
    text,
    messages,
    verified: text.match(VERIFIED)?.length ?? 0,
    complaints: text.split('\n').filter((line) => COMPLAINT.test(line)),
  };
}

/** Messages of a method, or with a status. */
export function count(log: DebugLog, direction: LoggedMessage['direction'], start: RegExp): number {
  return log.messages.filter((message) => message.direction === direction && start.test(message.text)).length;
}
