/**
 * How many messages a second the sip room reads and writes on one core. Build first, then pin it:
 *   npx tsc -b core && taskset -c 0 node_modules/.bin/node core/bench/sip-parse.mjs [windows a case]
 */
import { DEFAULT_LIMITS, H, SipResponse, StreamFramer, checkRequest, newBranch, parseMessage } from '../dist/sip/index.js';

const WINDOWS = Number(process.argv[2] ?? 60);
const CALLS_A_WINDOW = 6_000;

const SDP = [
  'v=0',
  'o=- 3831 3831 IN IP4 192.0.2.50',
  's=session',
  'c=IN IP4 192.0.2.50',
  't=0 0',
  'm=audio 49172 RTP/AVP 0 8 97 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:97 iLBC/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=sendrecv',
  '',
].join('\r\n');

const TEXT = Buffer.from(
  [
    'INVITE sip:bob@example.com SIP/2.0',
    'Via: SIP/2.0/TCP 192.0.2.50:50123;branch=z9hG4bK74bf9a3d1c7e;rport',
    'Max-Forwards: 70',
    'From: "Alice Liddell" <sip:alice@example.com>;tag=9fxced76sl;epid=a1b2c3d4e5',
    'To: <sip:bob@example.com>',
    'Call-ID: 3848276298220188511@atlanta.example.com',
    'CSeq: 21 INVITE',
    'Contact: <sip:192.0.2.50:50123;transport=tcp;ms-opaque=d3470f2e1d>;+sip.instance="<urn:uuid:2f7e7723-96e4-544e-8b98-cf482b8cefb8>"',
    'User-Agent: Example Softphone/4.2.1 (linux-x86_64)',
    'Supported: timer, 100rel, histinfo, replaces',
    'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, REFER, INFO, UPDATE, MESSAGE',
    'Session-Expires: 1800;refresher=uac',
    'P-Preferred-Identity: <sip:alice@example.com>',
    'Content-Type: application/sdp',
    `Content-Length: ${SDP.length}`,
    '',
    SDP,
  ].join('\r\n'),
);

/** In memory of its own, as sockets give it; Buffer.from takes a piece of a pool. */
const INVITE = Buffer.allocUnsafeSlow(TEXT.length);
TEXT.copy(INVITE);

const VIA = 'SIP/2.0/TCP proxy.example.com:5060;branch=';

function parseAndCheck() {
  const result = parseMessage(INVITE, DEFAULT_LIMITS);
  if (!result.ok || checkRequest(result.message) !== undefined) throw new Error('the INVITE is refused');
  return result.message;
}

function forward(request) {
  const copy = request.clone();
  copy.prepend(H.Via, VIA + newBranch());
  return copy.serialize();
}

const framer = new StreamFramer(DEFAULT_LIMITS);

const CASES = {
  parse: () => parseMessage(INVITE, DEFAULT_LIMITS),
  'parse + checkRequest': parseAndCheck,
  'parse + clone + prepend Via + serialize': () => forward(parseMessage(INVITE, DEFAULT_LIMITS).message),
  'parse + check + clone + Via, Max-Forwards, Record-Route + serialize': () => {
    const copy = parseAndCheck().clone();
    copy.prepend(H.Via, VIA + newBranch());
    copy.set(H.MaxForwards, String((copy.maxForwards ?? 70) - 1));
    copy.prepend(H.RecordRoute, '<sip:proxy.example.com:5060;transport=tcp;lr>');
    return copy.serialize();
  },
  'parse + reply 200 + serialize': () => SipResponse.reply(parseMessage(INVITE, DEFAULT_LIMITS).message, 200).serialize(),
  frame: () => {
    framer.push(INVITE);
    if (framer.next() === undefined) throw new Error('no frame');
    framer.next();
  },
};

console.log(
  `INVITE of ${INVITE.length} bytes, Node ${process.version}; a second of one core, in the fastest tenth of windows and in the median one`,
);
for (const [name, run] of Object.entries(CASES)) {
  const [fast, median] = measure(run);
  console.log(`${name.padEnd(70)} ${rate(fast)} ${rate(median)} ${(fast / 1e3).toFixed(2).padStart(7)} us`);
}

function rate(nanoseconds) {
  return `${Math.round(1e9 / nanoseconds).toLocaleString('en')}/s`.padStart(12);
}

/**
 * Nanoseconds a call, collection of garbage included: the 10th percentile and the median of windows of 6,000 calls.
 * What else runs on the machine lengthens windows; it shortens none.
 */
function measure(run) {
  for (let i = 0; i < 30_000; i++) run();
  const windows = [];
  for (let k = 0; k < WINDOWS; k++) {
    const start = performance.now();
    for (let i = 0; i < CALLS_A_WINDOW; i++) run();
    windows.push(((performance.now() - start) * 1e6) / CALLS_A_WINDOW);
  }
  windows.sort((a, b) => a - b);
  return [windows[Math.floor(WINDOWS / 10)], windows[Math.floor(WINDOWS / 2)]];
}
