/**
 * The 49 messages of RFC 4475 by label, with the reaction that the RFC prescribes for this server's role. The bytes are read
 * from a folder beside the project; what is expected comes from the RFC's text, not from what the server happens to do.
 */
import { expect } from 'vitest';
import { value, values } from '../wire.ts';
import type { WireMessage } from '../wire.ts';
import type { Observed, TortureCase } from './case.ts';

const USER = 'sip:user@example.com';
const SPACES = / {2}| $/;

/** Request-URI as forwarded. */
function target(seen: Observed): string {
  return seen.forwarded?.startLine.split(' ')[1] ?? '';
}

/** Via elements of a message, in order, whatever fields they stand in. */
function vias(message: WireMessage): string[] {
  return values(message, 'Via').flatMap((field) => field.split(',').map((via) => via.replaceAll(/\s+/g, ' ').trim()));
}

/** Field values of the forwarded message must be those sent. */
function keeps(...names: string[]): (seen: Observed) => void {
  return (seen) => {
    if (seen.forwarded === undefined) return;
    for (const name of names) expect(values(seen.forwarded, name), name).toEqual(values(seen.sent, name));
  };
}

/** Every Via that came in is still there, in order, under one more; only the topmost may have gained parameters. */
function keepsVias(seen: Observed): void {
  if (seen.forwarded === undefined) return;
  const [before, after] = [vias(seen.sent), vias(seen.forwarded)];
  expect(after.length).toBe(before.length + 1);
  expect(after.slice(2)).toEqual(before.slice(1));
}

function contacts(message: WireMessage | undefined): string[] {
  return message === undefined
    ? []
    : values(message, 'Contact').flatMap((field) => field.split(/,(?=\s*(?:"|<|sip:))/).map((c) => c.trim()));
}

const NOTHING = {};
const BAD = { statuses: [400] };

/** All 49, in the RFC's order. */
export const RFC4475: readonly TortureCase[] = [
  {
    name: 'wsinv',
    section: '3.1.1.1',
    title: 'A short tortuous INVITE',
    prescribed: 'Well formed. Forwarded, unknown fields untouched, Max-Forwards 68 counted down to 67',
    endpoint: 'sip:vivekg@chair-dnrc.example.com',
    expected: {
      forwarded: 'must',
      check(seen) {
        keeps('UnknownHeaderWithUnusualValue', 'NewFangledHeader', 'Call-ID', 'Subject')(seen);
        keepsVias(seen);
        expect(Number(value(seen.forwarded ?? seen.sent, 'Max-Forwards'))).toBe(67);
        expect(seen.forwarded?.body).toEqual(seen.sent.body);
      },
    },
  },
  {
    name: 'intmeth',
    section: '3.1.1.2',
    title: 'Wide range of valid characters',
    prescribed: 'Well formed. Forwarded with method, display name and extension field byte for byte',
    endpoint: "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com",
    expected: {
      forwarded: 'must',
      check(seen) {
        expect(seen.forwarded?.startLine.split(' ')[0]).toBe("!interesting-Method0123456789_*+`.%indeed'~");
        keeps('To', 'From', 'Call-ID', 'CSeq', "extensionHeader-!.%*+_`'~")(seen);
      },
    },
  },
  {
    name: 'esc01',
    section: '3.1.1.3',
    title: 'Valid use of the % escaping mechanism',
    prescribed: 'Well formed. The escaped user part names the user “sips:user@example.com”; forwarded',
    endpoint: 'sip:%73ips%3auser%40example.com@example.net',
    expected: { forwarded: 'must', check: keeps('To', 'From', 'Contact') },
  },
  {
    name: 'escnull',
    section: '3.1.1.4',
    title: 'Escaped nulls in URIs',
    prescribed: 'Well formed. Registers two different contacts',
    registers: true,
    expected: {
      statuses: [200],
      check(seen) {
        expect(contacts(seen.response).map((c) => /<([^>]*)>/.exec(c)?.[1])).toEqual(
          expect.arrayContaining(['sip:%00@host5.example.com', 'sip:%00%00@host5.example.com']),
        );
      },
    },
  },
  {
    name: 'esc02',
    section: '3.1.1.5',
    title: 'Use of % when it is not an escape',
    prescribed:
      'Well formed; the method is RE%47IST%45R, which is not REGISTER. Forwarded or rejected by its Request-URI, nothing registered',
    expected: { statuses: [403, 404, 405, 480, 501] },
  },
  {
    name: 'lwsdisp',
    section: '3.1.1.6',
    title: 'No white space between display name and <',
    prescribed: 'Accepted as well formed; forwarded',
    endpoint: USER,
    expected: { forwarded: 'must', check: keeps('From') },
  },
  {
    name: 'longreq',
    section: '3.1.1.7',
    title: 'Long values in header fields',
    prescribed: 'Well formed. Forwarded with every long value and every Via whole',
    endpoint: USER,
    expected: {
      forwarded: 'must',
      check(seen) {
        keeps('To', 'From', 'Call-ID', 'Contact')(seen);
        keepsVias(seen);
      },
    },
  },
  {
    name: 'dblreq',
    section: '3.1.1.8',
    title: 'Extra trailing octets in a UDP datagram',
    prescribed: 'The REGISTER is handled; the octets behind it, which look like an INVITE, are ignored',
    endpoint: 'sip:joe@example.com',
    registers: true,
    expected: { statuses: [200], check: (seen) => expect(contacts(seen.response).join()).toContain('sip:j.user@host.example.com') },
    onStream: 'what is noise behind a datagram is a second request on a stream',
  },
  {
    name: 'semiuri',
    section: '3.1.1.9',
    title: 'Semicolon-separated parameters in the user part',
    prescribed: 'Well formed; the user is “user;par=u@example.net”. Forwarded to that user',
    endpoint: 'sip:user;par=u%40example.net@example.com',
    expected: { forwarded: 'must', check: keeps('To', 'From', 'Accept') },
  },
  {
    name: 'transports',
    section: '3.1.1.10',
    title: 'Varied and unknown transport types',
    prescribed: 'Well formed. Forwarded with all five Via elements as they are',
    endpoint: USER,
    expected: { forwarded: 'must', check: keepsVias },
  },
  {
    name: 'mpart01',
    section: '3.1.1.11',
    title: 'Multipart MIME message',
    prescribed: 'Accepted; forwarded with its binary body byte for byte',
    endpoint: 'sip:kumiko@example.org',
    expected: { forwarded: 'must', check: (seen) => expect(seen.forwarded?.body.equals(seen.sent.body)).toBe(true) },
  },
  {
    name: 'unreason',
    section: '3.1.1.12',
    title: 'Unusual reason phrase',
    prescribed:
      'Well formed; belongs to no transaction, so nothing is sent on. As the answer to a forwarded request it is passed on unchanged',
    expected: NOTHING,
  },
  {
    name: 'noreason',
    section: '3.1.1.13',
    title: 'Empty reason phrase',
    prescribed: 'Well formed; belongs to no transaction, so nothing is sent on. As an answer it is taken like any other',
    expected: NOTHING,
  },
  {
    name: 'badinv01',
    section: '3.1.2.1',
    title: 'Extraneous header field separators',
    prescribed: '400',
    endpoint: USER,
    expected: BAD,
  },
  {
    name: 'clerr',
    section: '3.1.2.2',
    title: 'Content-Length larger than the message',
    prescribed: '400 over UDP; on a stream the rest is waited for',
    endpoint: USER,
    expected: BAD,
    onStream: NOTHING,
  },
  {
    name: 'ncl',
    section: '3.1.2.3',
    title: 'Negative Content-Length',
    prescribed: '400; on a stream the connection is closed too',
    endpoint: USER,
    expected: BAD,
    onStream: { ...BAD, closes: true },
  },
  {
    name: 'scalar02',
    section: '3.1.2.4',
    title: 'Request scalar fields with overlarge values',
    prescribed: '400 for the CSeq',
    expected: BAD,
  },
  {
    name: 'scalarlg',
    section: '3.1.2.5',
    title: 'Response scalar fields with overlarge values',
    prescribed: 'Discarded',
    expected: NOTHING,
  },
  {
    name: 'quotbal',
    section: '3.1.2.6',
    title: 'Unterminated quoted string in a display name',
    prescribed: '400',
    endpoint: USER,
    expected: BAD,
  },
  {
    name: 'ltgtruri',
    section: '3.1.2.7',
    title: '<> enclosing the Request-URI',
    prescribed: '400, or the brackets are ignored and not passed on',
    endpoint: USER,
    expected: { statuses: [400], forwarded: 'may', check: (seen) => expect(target(seen)).not.toMatch(/[<>]/) },
  },
  { name: 'lwsruri', section: '3.1.2.8', title: 'White space within the Request-URI', prescribed: '400', endpoint: USER, expected: BAD },
  {
    name: 'lwsstart',
    section: '3.1.2.9',
    title: 'Multiple spaces between elements of the Request-Line',
    prescribed: '400, or the extra spaces are ignored and not passed on',
    endpoint: USER,
    expected: { statuses: [400], forwarded: 'may', check: (seen) => expect(seen.forwarded?.startLine ?? '').not.toMatch(SPACES) },
  },
  {
    name: 'trws',
    section: '3.1.2.10',
    title: 'Spaces at the end of the Request-Line',
    prescribed: '400, or the extra spaces are ignored and not passed on',
    endpoint: 'sip:remote-target@example.com',
    expected: { statuses: [400], forwarded: 'may', check: (seen) => expect(seen.forwarded?.startLine ?? '').not.toMatch(SPACES) },
  },
  {
    name: 'escruri',
    section: '3.1.2.11',
    title: 'Escaped headers in a SIP Request-URI',
    prescribed: '400, or forwarded without them, neither in the Request-URI nor as fields',
    endpoint: USER,
    expected: {
      statuses: [400],
      forwarded: 'may',
      check(seen) {
        expect(target(seen)).not.toContain('?');
        if (seen.forwarded !== undefined) expect(values(seen.forwarded, 'Route')).toEqual([]);
      },
    },
  },
  {
    name: 'baddate',
    section: '3.1.2.12',
    title: 'Invalid time zone in the Date field',
    prescribed: 'Forwarded: a proxy has no use for Date (400 is acceptable)',
    endpoint: USER,
    expected: { statuses: [400], forwarded: 'may', check: keeps('Date') },
  },
  {
    name: 'regbadct',
    section: '3.1.2.13',
    title: 'Failure to enclose a name-addr URI in <>',
    prescribed: '400, or the brackets are inferred',
    registers: true,
    expected: { statuses: [200, 400] },
  },
  {
    name: 'badaspec',
    section: '3.1.2.14',
    title: 'Spaces within an addr-spec',
    prescribed: '400, or the spaces are ignored',
    endpoint: 'sip:user@example.org',
    expected: { statuses: [400], forwarded: 'may' },
  },
  {
    name: 'baddn',
    section: '3.1.2.15',
    title: 'Non-token characters in a display name',
    prescribed: '400, or the missing quotes are put in; the error is not passed on',
    endpoint: 'sip:t.watson@example.org',
    expected: {
      statuses: [400],
      forwarded: 'may',
      check(seen) {
        if (seen.forwarded === undefined) return;
        for (const name of ['From', 'To']) expect(value(seen.forwarded, name)).toMatch(/^"/);
      },
    },
    onStream: 'the published message has no empty line at its end, so that a stream has to wait for it',
  },
  {
    name: 'badvers',
    section: '3.1.2.16',
    title: 'Unknown protocol version',
    prescribed: '505',
    endpoint: 'sip:t.watson@example.org',
    expected: { statuses: [505] },
  },
  {
    name: 'mismatch01',
    section: '3.1.2.17',
    title: 'Start line and CSeq method mismatch',
    prescribed: '400',
    endpoint: USER,
    expected: BAD,
  },
  {
    name: 'mismatch02',
    section: '3.1.2.18',
    title: 'Unknown method with CSeq method mismatch',
    prescribed: '501 or 400',
    endpoint: USER,
    expected: { statuses: [501, 400] },
  },
  { name: 'bigcode', section: '3.1.2.19', title: 'Overlarge response code', prescribed: 'Dropped', expected: NOTHING },
  {
    name: 'badbranch',
    section: '3.2.1',
    title: 'Branch without a transaction identifier',
    prescribed: '400, or matched as RFC 2543 did and forwarded',
    endpoint: USER,
    expected: { statuses: [400], forwarded: 'may' },
  },
  { name: 'insuf', section: '3.3.1', title: 'Missing required header fields', prescribed: '400', endpoint: USER, expected: BAD },
  {
    name: 'unkscm',
    section: '3.3.2',
    title: 'Request-URI with unknown scheme',
    prescribed: '416, without a look at To',
    endpoint: USER,
    expected: { statuses: [416] },
  },
  {
    name: 'novelsc',
    section: '3.3.3',
    title: 'Request-URI with a known but atypical scheme',
    prescribed: '416',
    endpoint: USER,
    expected: { statuses: [416] },
  },
  {
    name: 'unksm2',
    section: '3.3.4',
    title: 'Unknown URI schemes in header fields',
    prescribed: 'A registrar answers 400: To must be a SIP address',
    expected: BAD,
  },
  {
    name: 'bext01',
    section: '3.3.5',
    title: 'Proxy-Require and Require',
    prescribed: '420 with an Unsupported that lists, in a proxy, the Proxy-Require options',
    endpoint: USER,
    expected: {
      statuses: [420],
      check(seen) {
        const listed = seen.response === undefined ? [] : values(seen.response, 'Unsupported').flatMap((field) => field.split(/\s*,\s*/));
        expect(listed.sort()).toEqual(['noProxiesSupportThis', 'norDoAnyProxiesSupportThis']);
      },
    },
  },
  {
    name: 'invut',
    section: '3.3.6',
    title: 'Unknown Content-Type',
    prescribed: 'Forwarded like any INVITE, body untouched',
    endpoint: USER,
    expected: { forwarded: 'must', check: (seen) => expect(seen.forwarded?.body).toEqual(seen.sent.body) },
  },
  {
    name: 'regaut01',
    section: '3.3.7',
    title: 'Unknown authorization scheme',
    prescribed: 'Processed as if without it (200); where authentication is asked for, 401 with a known scheme',
    registers: true,
    expected: { statuses: [200] },
  },
  {
    name: 'multi01',
    section: '3.3.8',
    title: 'Multiple values in single-value fields',
    prescribed: '400',
    endpoint: 'sip:user@company.com',
    expected: BAD,
  },
  {
    name: 'mcl01',
    section: '3.3.9',
    title: 'Multiple Content-Length values',
    prescribed: '400; on a stream the connection is closed',
    endpoint: USER,
    expected: BAD,
    onStream: { ...BAD, closes: true },
  },
  {
    name: 'bcast',
    section: '3.3.10',
    title: '200 with a broadcast Via',
    prescribed: 'Dropped',
    expected: NOTHING,
  },
  { name: 'zeromf', section: '3.3.11', title: 'Max-Forwards of zero', prescribed: '483', endpoint: USER, expected: { statuses: [483] } },
  {
    name: 'cparam01',
    section: '3.3.12',
    title: 'REGISTER with a Contact header parameter',
    prescribed: '200; the parameter does not become one of the URI',
    registers: true,
    expected: {
      statuses: [200],
      check(seen) {
        const contact = contacts(seen.response).find((c) => c.includes('+19725552222')) ?? '';
        expect(contact).toContain('sip:+19725552222@gw1.example.net');
        expect(contact).not.toMatch(/<[^>]*unknownparam[^>]*>/);
      },
    },
  },
  {
    name: 'cparam02',
    section: '3.3.13',
    title: 'REGISTER with a URL parameter',
    prescribed: '200; the parameter stays one of the URI',
    registers: true,
    expected: {
      statuses: [200],
      check: (seen) => expect(contacts(seen.response).join()).toContain('<sip:+19725552222@gw1.example.net;unknownparam>'),
    },
  },
  {
    name: 'regescrt',
    section: '3.3.14',
    title: 'REGISTER with a URL escaped header',
    prescribed: '200; the binding keeps the escaped Route',
    registers: true,
    expected: {
      statuses: [200],
      check: (seen) => expect(contacts(seen.response).join()).toContain('<sip:user@example.com?Route=%3Csip:sip.example.com%3E>'),
    },
  },
  {
    name: 'sdp01',
    section: '3.3.15',
    title: 'Unacceptable Accept offering',
    prescribed: 'For the called endpoint to judge (406 or 400 there); a proxy forwards it',
    endpoint: USER,
    expected: { forwarded: 'must', check: keeps('Accept') },
  },
  {
    name: 'inv2543',
    section: '3.4.1',
    title: 'INVITE with RFC 2543 syntax',
    prescribed: 'Accepted and forwarded, Max-Forwards put in',
    endpoint: 'sip:UserB@example.com',
    expected: {
      forwarded: 'must',
      check(seen) {
        keeps('To', 'From', 'Call-ID')(seen);
        expect(Number(value(seen.forwarded ?? seen.sent, 'Max-Forwards'))).toBeGreaterThan(0);
        expect(seen.forwarded?.body).toEqual(seen.sent.body);
      },
    },
    onStream: 'it has no Content-Length, without which a stream cannot be framed (RFC 3261 18.3)',
  },
];
