/** Reading the unencrypted frame of TLS flights: whether a flight is whole. RFC 2246 and RFC 5246 sections 6.2.1 and 7.4. */

const RECORD_HEADER = 5;
const HANDSHAKE_HEADER = 4;
const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
/** RFC 5246 section 6.2.3: 2^14 and what encryption may add. */
const MAX_RECORD = 0x4000 + 2048;
/** RFC 5246 section 6.2.1. */
const MAX_PLAIN_RECORD = 0x4000;
const CLIENT_HELLO = 1;
const SERVER_HELLO_DONE = 14;

/**
 * What is there of a flight: `hello` ends with a ClientHello, `server-done` with a ServerHelloDone, `finished` with ChangeCipherSpec and
 * Finished; `alert` has an unencrypted alert in it; `open` lacks its end; `malformed` is no TLS or goes on after its end.
 */
export type Flight = 'hello' | 'server-done' | 'finished' | 'alert' | 'open' | 'malformed';

/** Which flight these records are, from the first byte to the last. Looks at no encrypted content. */
export function readFlight(bytes: Buffer): Flight {
  const handshake: Buffer[] = [];
  let changed = false;
  for (let at = 0; at < bytes.length;) {
    if (at + RECORD_HEADER > bytes.length) return 'open';
    const type = bytes.readUInt8(at);
    const length = bytes.readUInt16BE(at + 3);
    const end = at + RECORD_HEADER + length;
    if (bytes.readUInt8(at + 1) !== 3 || length === 0 || length > MAX_RECORD) return 'malformed';
    if (end > bytes.length) return 'open';
    if (type === ALERT) return 'alert';
    // Finished is the first encrypted record, and the last of the flight.
    if (changed) return type === HANDSHAKE && end === bytes.length ? 'finished' : 'malformed';
    if (type === HANDSHAKE) handshake.push(bytes.subarray(at + RECORD_HEADER, end));
    else if (type === CHANGE_CIPHER_SPEC) changed = true;
    else return 'malformed';
    at = end;
  }
  return changed ? 'open' : lastMessage(Buffer.concat(handshake));
}

/**
 * The same flight with its unencrypted handshake messages in one record, as Windows sends them; pidgin-sipe gives up at a ServerHelloDone
 * in a record of its own. Records are no part of what the handshake protects. What does not fit into one record is left as it is.
 */
export function inOneRecord(flight: Buffer): Buffer {
  const version = flight.subarray(1, 3);
  const contents: Buffer[] = [];
  let at = 0;
  while (at + RECORD_HEADER <= flight.length && flight.readUInt8(at) === HANDSHAKE) {
    const end = at + RECORD_HEADER + flight.readUInt16BE(at + 3);
    contents.push(flight.subarray(at + RECORD_HEADER, end));
    at = end;
  }
  const content = Buffer.concat(contents);
  if (content.length === 0 || content.length > MAX_PLAIN_RECORD) return flight;
  const header = Buffer.from([HANDSHAKE, ...version, content.length >> 8, content.length & 0xff]);
  return Buffer.concat([header, content, flight.subarray(at)]);
}

/** By the last of these handshake messages, which must be whole. */
function lastMessage(messages: Buffer): Flight {
  let last = -1;
  let at = 0;
  while (at + HANDSHAKE_HEADER <= messages.length) {
    if (last === CLIENT_HELLO || last === SERVER_HELLO_DONE) return 'malformed';
    last = messages.readUInt8(at);
    at += HANDSHAKE_HEADER + messages.readUIntBE(at + 1, 3);
  }
  if (at !== messages.length) return 'open';
  if (last === CLIENT_HELLO) return 'hello';
  return last === SERVER_HELLO_DONE ? 'server-done' : 'open';
}
