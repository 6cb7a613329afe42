/** The HTTP request that turns a connection into a WebSocket, as a server answers it. RFC 6455 section 4.2, RFC 7118 section 4. */
import { createHash } from 'node:crypto';

/** Bound of the request's start line and headers, in bytes. */
export const MAX_UPGRADE_BYTES = 8_192;

const MAX_HEADERS = 64;
/** RFC 6455 section 1.3. */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const VERSION = '13';
const SUBPROTOCOL = 'sip';
/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

export interface UpgradeVerdict {
  readonly accepted: boolean;
  /** The whole HTTP response. */
  readonly response: string;
  /** Why it was refused; '' when it was accepted. */
  readonly reason: string;
}

/**
 * Judges the head of a request.
 * @param head start line and headers without the empty line, latin1
 * @param origins which `Origin` may connect; undefined for any. A client that sends none is no browser and is let in.
 */
export function answerUpgrade(head: string, origins: readonly string[] | undefined): UpgradeVerdict {
  const [start, ...lines] = head.split('\r\n');
  const headers = readHeaders(lines);
  if (headers === undefined || !/^GET \S+ HTTP\/1\.[1-9]$/.test(start ?? '') || !headers.has('host'))
    return refused('400 Bad Request', 'no valid HTTP/1.1 GET request');
  if (!hasToken(headers.get('upgrade'), 'websocket') || !hasToken(headers.get('connection'), 'upgrade')) {
    return refused(
      '426 Upgrade Required',
      'this port speaks WebSocket alone',
      `Upgrade: websocket\r\nSec-WebSocket-Version: ${VERSION}\r\n`,
    );
  }
  if (headers.get('sec-websocket-version') !== VERSION) {
    return refused('426 Upgrade Required', 'unknown WebSocket version', `Sec-WebSocket-Version: ${VERSION}\r\n`);
  }
  const key = headers.get('sec-websocket-key') ?? '';
  if (!KEY.test(key)) return refused('400 Bad Request', 'Sec-WebSocket-Key is not 16 bytes in base64');
  if (!hasToken(headers.get('sec-websocket-protocol'), SUBPROTOCOL))
    return refused('400 Bad Request', 'the subprotocol "sip" is not offered');
  const origin = headers.get('origin');
  if (origins !== undefined && origin !== undefined && !origins.includes(origin))
    return refused('403 Forbidden', `origin ${origin} may not connect`);
  return { accepted: true, response: welcome(key), reason: '' };
}

/** Lower-case names; values of a repeated header joined by commas; undefined when a line is none. */
function readHeaders(lines: readonly string[]): Map<string, string> | undefined {
  if (lines.length > MAX_HEADERS) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) return undefined;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function hasToken(value: string | undefined, token: string): boolean {
  return value !== undefined && value.split(',').some((t) => t.trim().toLowerCase() === token);
}

function welcome(key: string): string {
  const accept = createHash('sha1')
    .update(key + ACCEPT_GUID)
    .digest('base64');
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`
  );
}

function refused(status: string, reason: string, headers = ''): UpgradeVerdict {
  const body = `${reason}\r\n`;
  const response = `HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  return { accepted: false, response, reason };
}
