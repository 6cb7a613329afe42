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
  /** Further parameters for the top Via, each with its semicolon. */
  readonly viaStamp: string;
}

const CR = 13;
const LETTER_CASE = 0x20;
const [C, F, I, T, V] = [99, 102, 105, 116, 118];
/** A Via that says more than where it comes from has to be read. */
const READ_THIS_VIA = /received|rport|alias/i;

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
    if (first === LETTER_CASE || first === 41 || head.charCodeAt(lineEnd - 1) !== CR) return undefined; // folded, or not a line
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
function topVia(line: string, { host, viaStamp }: UnreadSource): string | undefined {
  if (line.includes(',') || READ_THIS_VIA.test(line)) return undefined;
  const sentBy = line.lastIndexOf(' ', line.includes(';') ? line.indexOf(';') : line.length) + 1;
  const isThere = line.startsWith(host, sentBy);
  return `${line}${isThere ? '' : `;received=${host}`}${viaStamp}\r\n`;
}
