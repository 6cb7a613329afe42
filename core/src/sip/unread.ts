/** Answers to requests that nobody has read: all of it copied from their bytes, at a fraction of what reading them costs. RFC 3261 section 8.2.7. */

/** What the answer says besides what it copies. */
export interface UnreadAnswer {
  /** `SIP/2.0 503 Service Unavailable`, without line break. */
  readonly statusLine: string;
  /** Whole header lines, each with its line break. */
  readonly headers: string;
  readonly toTag: string;
}

/** Where the request came from. */
export interface UnreadSource {
  /** IP literal without brackets. */
  readonly host: string;
  /** Of a datagram; undefined for a connection, where the answer goes anyway. */
  readonly port?: number | undefined;
  /** Further parameters for the top Via, each with its semicolon. */
  readonly viaStamp: string;
}

const CR = 13;
const LETTER_CASE = 0x20;
/** A blank and a tab, with the bit that lower-case letters have. */
const [BLANK, TAB] = [0x20, 0x29];
const [A, C, F, I, R, T, V] = [97, 99, 102, 105, 114, 116, 118];
/** A parameter that asks for the port that it came from, in the usual spelling. RFC 3581 section 3. */
const RPORT = 'rport';
/**
 * The start line, and a top Via behind it as nearly everybody writes it: method, sent-by host and port, and the first branch. Whoever
 * writes it in another way is read.
 */
const TRANSACTION =
  /^([A-Z]+) [^\r\n]+ SIP\/2\.0\r\n(?:Via|v): SIP\/2\.0\/[A-Z]+ ([a-z0-9.-]+)(?::([1-9]\d{0,4}))?(?:;(?![bB])[\w-]+(?:=[\w.:-]+)?)*;branch=(z9hG4bK[^\s;,"=]+)[;\r]/;
/** As far as that can reach. */
const TRANSACTION_BYTES = 600;

/** What tells the transaction that an unread request belongs to. RFC 3261 section 17.2.3. */
export interface UnreadTransaction {
  readonly method: string;
  /** Of the top Via, with the magic cookie. */
  readonly branch: string;
  /** Of the top Via, lower case. */
  readonly host: string;
  /** Of the top Via; '' without one. */
  readonly port: string;
}

/** Looks only at the start line and the first header. Undefined when the request has to be read to know. */
export function transactionUnread(bytes: Buffer): UnreadTransaction | undefined {
  const found = TRANSACTION.exec(bytes.toString('latin1', 0, TRANSACTION_BYTES));
  if (found === null) return undefined;
  const [, method = '', host = '', port = '', branch = ''] = found;
  return { method, host, port, branch };
}

/**
 * The answer to the request in `bytes`, a whole message, as a byte string. Undefined when the message has to be read: it is a
 * response, an ACK, a CANCEL or part of a dialog, or written in any but the plainest way.
 */
export function answerUnread(bytes: Buffer, answer: UnreadAnswer, source: UnreadSource): string | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end + 2);
  const startEnd = head.indexOf('\r\n');
  if (head.startsWith('SIP/') || head.startsWith('ACK ') || head.startsWith('CANCEL ') || !head.endsWith(' SIP/2.0', startEnd))
    return undefined;
  let text = `${answer.statusLine}\r\n`;
  let vias = 0;
  let others = 0;
  for (let at = startEnd + 2; at < head.length;) {
    const lineEnd = head.indexOf('\n', at);
    const first = head.charCodeAt(at) | LETTER_CASE;
    if (first === BLANK || first === TAB || head.charCodeAt(lineEnd - 1) !== CR) return undefined; // folded, or not a line
    if (first === V || first === F || first === T || first === I || first === C) {
      const name = head.slice(at, head.indexOf(':', at)).toLowerCase();
      switch (name) {
        case 'via':
        case 'v':
          if (vias++ > 0) text += head.slice(at, lineEnd + 1);
          else {
            const via = topVia(head.slice(at, lineEnd - 1), source);
            if (via === undefined) return undefined;
            text += via;
          }
          break;
        case 'to':
        case 't':
          if (/\btag\b/i.test(head.slice(at, lineEnd))) return undefined;
          text += `${head.slice(at, lineEnd - 1)};tag=${answer.toTag}\r\n`;
          others += 1;
          break;
        case 'from':
        case 'f':
          text += head.slice(at, lineEnd + 1);
          others += 0x10;
          break;
        case 'call-id':
        case 'i':
          text += head.slice(at, lineEnd + 1);
          others += 0x100;
          break;
        case 'cseq':
          text += head.slice(at, lineEnd + 1);
          others += 0x1000;
          break;
        default:
      }
    }
    at = lineEnd + 1;
  }
  return vias > 0 && others === 0x1111 ? `${text}${answer.headers}Content-Length: 0\r\n\r\n` : undefined;
}

/** @param line the header line without its line break */
function topVia(line: string, { host, port, viaStamp }: UnreadSource): string | undefined {
  if (line.includes(',')) return undefined;
  const params = line.indexOf(';');
  const end = params < 0 ? line.length : params;
  let asked = -1;
  for (let at = params; at >= 0;) {
    const next = line.indexOf(';', at + 1);
    const first = line.charCodeAt(at + 1) | LETTER_CASE;
    if (first === R || first === A || first === BLANK || first === TAB) {
      // Received, rport with a value, alias: a Via that says more than where it comes from has to be read.
      const isQuestion = asked < 0 && port !== undefined && line.startsWith(RPORT, at + 1) && hasNoValue(line, at, next);
      if (!isQuestion) return undefined;
      asked = at + 1 + RPORT.length;
    }
    at = next;
  }
  if (asked >= 0) return `${line.slice(0, asked)}=${port}${line.slice(asked)};received=${host}${viaStamp}\r\n`;
  const sentBy = line.slice(line.lastIndexOf(' ', end) + 1, end);
  const colon = sentBy.indexOf(':');
  const sentPort = colon < 0 ? DEFAULT_PORT : Number(sentBy.slice(colon + 1));
  // An answer by datagram goes to the port in the Via, which is not always the one that it came from.
  if (port !== undefined && sentPort !== port) return undefined;
  const isHost = sentBy.startsWith(host) && (colon < 0 ? sentBy.length : colon) === host.length;
  return `${line}${isHost ? '' : `;received=${host}`}${viaStamp}\r\n`;
}

/** The parameter behind the semicolon at `at` is `rport` and nothing more; `next` is the next semicolon, or -1. */
function hasNoValue(line: string, at: number, next: number): boolean {
  return (next < 0 ? line.length : next) === at + 1 + RPORT.length;
}

const DEFAULT_PORT = 5060;
