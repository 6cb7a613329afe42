/** The cases of RFC 5118 (IPv6), written down here as messages of our own with the RFC's addresses. */
import { expect } from 'vitest';
import { value, values } from '../wire.ts';
import type { TortureCase } from './case.ts';

const HERE = '2001:db8::10';
const USER_HERE = `sip:user@[${HERE}]`;

function message(startLine: string, fields: readonly string[], body: readonly string[] = []): Buffer {
  const text = body.map((line) => `${line}\r\n`).join('');
  const length = `Content-Length: ${Buffer.byteLength(text)}`;
  return Buffer.from([startLine, ...fields, ...(body.length > 0 ? ['Content-Type: application/sdp'] : []), length, '', text].join('\r\n'));
}

function register(uri: string, letter: string): Buffer {
  return message(`REGISTER ${uri} SIP/2.0`, [
    'To: <sip:walter@example.com>',
    `From: <sip:walter@example.com>;tag=v6${letter}`,
    `Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKv6-${letter}`,
    `Call-ID: ipv6-${letter}@[2001:db8::9:1]`,
    'Max-Forwards: 70',
    'Contact: "Walter" <sip:walter@[2001:db8::1]>',
    'CSeq: 98176 REGISTER',
  ]);
}

/** A request that is not a registration, with one or more Via fields. */
function other(
  method: string,
  uri: string,
  letter: string,
  vias: readonly string[],
  fields: readonly string[] = [],
  body: readonly string[] = [],
): Buffer {
  return message(
    `${method} ${uri} SIP/2.0`,
    [
      ...vias.map((via) => `Via: SIP/2.0/${via}`),
      `To: <${uri}>${method === 'BYE' ? ';tag=there' : ''}`,
      `From: <sip:tester@example.com>;tag=v6${letter}`,
      `Call-ID: ipv6-${letter}@[2001:db8::9:1]`,
      'Max-Forwards: 70',
      `CSeq: 321 ${method}`,
      ...fields,
    ],
    body,
  );
}

const CONTACT = 'Contact: "Tester" <sip:tester@[2001:db8::20]>';
const REGISTERED = {
  statuses: [200],
  check: (seen: { readonly response: Parameters<typeof values>[0] | undefined }): void =>
    expect(seen.response === undefined ? '' : values(seen.response, 'Contact').join()).toContain('sip:walter@[2001:db8::1]'),
};
/** Well formed, but about nobody or nothing here: anything but "malformed". */
const UNDERSTOOD = { statuses: [200, 403, 404, 405, 480, 481, 501] };

/** In the RFC's order. */
export const RFC5118: readonly TortureCase[] = [
  {
    name: '4.1',
    section: '4.1',
    title: 'Valid message with an IPv6 reference',
    prescribed: 'Well formed: 200, the contact keeps its reference',
    bytes: register(`sip:[${HERE}]`, '41'),
    registers: true,
    expected: REGISTERED,
  },
  {
    name: '4.2',
    section: '4.2',
    title: 'IPv6 reference without its brackets',
    prescribed: '400',
    bytes: register(`sip:${HERE}`, '42'),
    expected: { statuses: [400] },
  },
  {
    name: '4.3',
    section: '4.3',
    title: 'Port inside the brackets',
    prescribed: 'Well formed, but another address than was meant: not 400, nothing registered',
    bytes: register(`sip:[${HERE}:5070]`, '43'),
    expected: { statuses: [403, 404, 405, 480] },
  },
  {
    name: '4.4',
    section: '4.4',
    title: 'Port outside the brackets',
    prescribed: 'Well formed: 200',
    bytes: register(`sip:[${HERE}]:5070`, '44'),
    registers: true,
    expected: REGISTERED,
  },
  {
    name: '4.5a',
    section: '4.5',
    title: 'received parameter with brackets',
    prescribed: 'Against the grammar, but the Via must be understood and the request processed',
    bytes: other('BYE', `sip:[${HERE}]`, '45a', ['UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKv6-45a']),
    expected: UNDERSTOOD,
  },
  {
    name: '4.5b',
    section: '4.5',
    title: 'received parameter without brackets',
    prescribed: 'Well formed: processed',
    bytes: other('OPTIONS', `sip:[${HERE}]`, '45b', ['UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKv6-45b'], [CONTACT]),
    expected: { statuses: [200] },
  },
  {
    name: '4.6',
    section: '4.6',
    title: 'IPv6 addresses in SDP',
    prescribed: 'Well formed: forwarded, body untouched',
    endpoint: USER_HERE,
    bytes: other(
      'INVITE',
      USER_HERE,
      '46',
      ['UDP [2001:db8::20];branch=z9hG4bKv6-46'],
      [CONTACT],
      ['v=0', 'o=- 97 0 IN IP6 2001:db8::20', 's=-', 'c=IN IP6 2001:db8::20', 't=0 0', 'm=audio 6000 RTP/AVP 0'],
    ),
    expected: { forwarded: 'must', check: (seen) => expect(seen.forwarded?.body).toEqual(seen.sent.body) },
  },
  {
    name: '4.7',
    section: '4.7',
    title: 'IPv4 and IPv6 in one Via list',
    prescribed: 'Well formed: forwarded with the list as it is, or refused for want of a dialog, never as malformed',
    endpoint: 'sip:user@example.net',
    bytes: other('BYE', 'sip:user@example.net', '47', [
      'UDP [2001:db8::9:1]:5060;branch=z9hG4bKv6-47',
      'UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144',
      'TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200',
    ]),
    expected: {
      forwarded: 'may',
      statuses: [403, 404, 481],
      check(seen) {
        if (seen.forwarded !== undefined) expect(values(seen.forwarded, 'Via').slice(2)).toEqual(values(seen.sent, 'Via').slice(1));
      },
    },
  },
  {
    name: '4.8',
    section: '4.8',
    title: 'IPv4 and IPv6 in one SDP',
    prescribed: 'Well formed: forwarded, body untouched',
    endpoint: USER_HERE,
    bytes: other(
      'INVITE',
      USER_HERE,
      '48',
      ['UDP [2001:db8::9:1];branch=z9hG4bKv6-48'],
      [CONTACT],
      [
        'v=0',
        'o=- 28 28 IN IP4 host.example.com',
        's=-',
        't=0 0',
        'm=audio 22334 RTP/AVP 0',
        'c=IN IP4 192.0.2.1',
        'm=video 6024 RTP/AVP 107',
        'c=IN IP6 2001:db8::1',
      ],
    ),
    expected: { forwarded: 'must', check: (seen) => expect(seen.forwarded?.body).toEqual(seen.sent.body) },
  },
  {
    name: '4.9',
    section: '4.9',
    title: 'IPv4-mapped IPv6 addresses',
    prescribed: 'Well formed: forwarded, Via and Contact as they are',
    endpoint: 'sip:user@example.com',
    bytes: other(
      'INVITE',
      'sip:user@example.com',
      '49',
      ['UDP [::ffff:192.0.2.10]:5060;branch=z9hG4bKv6-49a', 'UDP [::ffff:192.0.2.2];branch=z9hG4bKv6-49b'],
      ['Contact: "T. desk phone" <sip:ted@[::ffff:192.0.2.2]>'],
      ['v=0', 'o=- 97 0 IN IP6 ::ffff:192.0.2.2', 's=-', 'c=IN IP6 ::ffff:192.0.2.2', 't=0 0', 'm=audio 6000 RTP/AVP 0'],
    ),
    expected: {
      forwarded: 'must',
      check(seen) {
        expect(value(seen.forwarded ?? seen.sent, 'Contact')).toBe('"T. desk phone" <sip:ted@[::ffff:192.0.2.2]>');
        expect(values(seen.forwarded ?? seen.sent, 'Via').at(-1)).toBe('SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKv6-49b');
      },
    },
  },
  {
    name: '4.10a',
    section: '4.10',
    title: 'An extra colon in an IPv6 reference',
    prescribed: '400, or the colon is ignored',
    bytes: other('OPTIONS', 'sip:user@[2001:db8:::192.0.2.1]', '410a', ['UDP lab1.east.example.com;branch=z9hG4bKv6-410a']),
    expected: { statuses: [400, ...UNDERSTOOD.statuses] },
  },
  {
    name: '4.10b',
    section: '4.10',
    title: 'The same without the extra colon',
    prescribed: 'Well formed: not 400',
    bytes: other('OPTIONS', 'sip:user@[2001:db8::192.0.2.1]', '410b', ['UDP lab1.east.example.com;branch=z9hG4bKv6-410b']),
    expected: UNDERSTOOD,
  },
];
