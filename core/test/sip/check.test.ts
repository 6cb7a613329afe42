import { describe, expect, test } from 'vitest';
import { SipRequest, checkRequest } from '../../src/sip/index.ts';
import { optionsLines, parse, request, requestLines, response, responseLines, verdict, wire } from './samples.ts';

/** RFC 4475's rules on messages of our own; the RFC's are read by the interop suite. */
function refused(bytes: Buffer): { code: string; status: number | undefined; message: string } {
  const error = verdict(bytes);
  if (error === 'sound') throw new Error('the message is sound');
  return { code: error.code, status: error.status, message: error.message };
}

const START = 'OPTIONS sip:bob@example.com SIP/2.0';
const REGISTER = 'REGISTER sip:example.com SIP/2.0';

describe('RFC 4475 3.1.1: valid', () => {
  test.each([
    [
      '3.1.1.2 every character that a method, user, token or comment may have',
      requestLines(
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
        "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~",
        'To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:bob@example.com>',
        "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\xd1\x80\xd0\xb0\";tag=_token~1'+`*%!-.",
        'Call-ID: intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
        'Max-Forwards: 255',
        "extensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb",
      ),
    ],
    [
      '3.1.1.3 escapes in URIs',
      requestLines(
        'OPTIONS sip:sips%3Auser%40example.com@example.net SIP/2.0',
        'To: sip:%75se%72@example.com',
        'Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>',
      ),
    ],
    [
      '3.1.1.4 escaped NULs',
      optionsLines('To: sip:null-%00-null@example.com', 'Contact: <sip:%00@host5.example.com>, <sip:%00%00@host5.example.com>'),
    ],
    [
      '3.1.1.5 percent signs that escape nothing',
      requestLines(
        'RE%47IST%45R sip:example.com SIP/2.0',
        'CSeq: 29344 RE%47IST%45R',
        'To: "%Z%45" <sip:resource@example.com>',
        'Via: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234',
      ),
    ],
    ['3.1.1.6 no white space before <', optionsLines('From: caller<sip:caller@example.com>;tag=323')],
    [
      '3.1.1.7 long values',
      optionsLines(
        `To: "I am ${'extreme'.repeat(50)}"<sip:user@example.com:6000;${'long'.repeat(40)}name=${'long'.repeat(40)}value>;x=y`,
        `Unknown-${'Long'.repeat(30)}-Name: ${'unknown-long'.repeat(30)};a`,
        ...Array.from({ length: 33 }, (_, i) => `v  : SIP/2.0/TCP sip${i}.example.com`),
      ),
    ],
    [
      '3.1.1.9 semicolons in the user part',
      requestLines(
        'OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0',
        'Accept: application/sdp, application/pkcs7-mime,\r\n        multipart/mixed',
      ),
    ],
    [
      '3.1.1.10 transports of every kind',
      optionsLines(
        'Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw, SIP/2.0/SCTP t2.example.com;branch=z9hG4bKk, SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKa',
      ),
    ],
    ['3.1.1.11 a body of many parts', optionsLines('Content-Type: multipart/mixed;boundary=7a9cbec02ceef655')],
    ['3.1.2.12 a date that is not in GMT, which nobody here reads', optionsLines('Date: Fri, 01 Jan 2010 16:00:00 EST')],
    ['3.3.2 an unknown scheme in the Request-URI', requestLines('OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0')],
    ['3.3.3 a known scheme that SIP does not use', requestLines('OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0')],
    [
      '3.3.4 unknown schemes in To, From and Contact',
      optionsLines('To: isbn:2983792873', 'From: <http://www.example.com>;tag=3234233', 'Contact: <name:John_Smith>'),
    ],
    ['3.3.11 Max-Forwards 0', optionsLines('Max-Forwards: 0')],
    [
      '3.3.12, 3.3.13 unknown parameters of Contact',
      optionsLines('Contact: sip:+19725552222@gw1.example.net;unknownparam, <sip:+19725552222@gw1.example.net;unknownparam>'),
    ],
    ['3.3.14 header fields in a Contact URI', optionsLines('Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>')],
    [
      '3.4.1 an INVITE of RFC 2543: no branch, no From tag, no Max-Forwards, no Content-Length',
      requestLines(
        'INVITE sip:UserB@example.com SIP/2.0',
        'CSeq: 56 INVITE',
        'Via: SIP/2.0/UDP iftgw.example.com',
        'From: <sip:+13035551111@ift.client.example.net;user=phone>',
        'Max-Forwards:',
        'Content-Length:',
        'Contact:',
      ),
    ],
  ])('%s', (_, lines) => {
    const bytes = wire(lines);
    expect(verdict(bytes)).toBe('sound');
    if (lines.some((line) => line.startsWith('Content-Length'))) expect(request(bytes).serialize().equals(bytes)).toBe(true);
  });

  test('3.1.1.8 what follows the body in a datagram is left out', () => {
    const message = request(wire(optionsLines('Content-Length: 3'), 'abc\r\n\r\nINVITE sip:joe@example.com SIP/2.0\r\n'));
    expect(message.body.toString()).toBe('abc');
    expect(message.serialize().equals(wire(optionsLines('Content-Length: 3'), 'abc'))).toBe(true);
  });

  test('3.1.1.12, 3.1.1.13 any reason phrase, or none', () => {
    expect(response(wire(responseLines('SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe'))).reason).toBe('= 2**3 * 5**2 \xd0\xbd\xd0\xbe');
    expect(verdict(wire(responseLines('SIP/2.0 100 ')))).toBe('sound');
    expect(response(wire(responseLines('SIP/2.0 100'))).reason).toBe('');
  });
});

describe('RFC 4475 3.1.2: refused with 400 and a reason', () => {
  test.each([
    ['3.1.2.1 extra separators', wire(optionsLines('Via: SIP/2.0/UDP 192.0.2.15;;,;,,')), 'Via is malformed: an empty or broken parameter'],
    [
      '3.1.2.1 extra separators',
      wire(requestLines(REGISTER, 'CSeq: 1 REGISTER', 'Contact: "Joe" <sip:joe@example.org>;;;;')),
      'Contact is malformed: an empty or broken parameter',
    ],
    [
      '3.1.2.2 Content-Length larger than the datagram',
      wire(optionsLines('Content-Length: 9999'), 'v=0'),
      'Content-Length is 9999, but only 3 bytes of body came',
    ],
    ['3.1.2.3 negative Content-Length', wire(optionsLines('Content-Length: -999')), "Content-Length is not a number of bytes: '-999'"],
    [
      '3.1.2.4 CSeq beyond 32 bits',
      wire(optionsLines('CSeq: 36893488147419103232 OPTIONS', 'Max-Forwards: 300', `Expires: 1${'0'.repeat(100)}`)),
      'CSeq is malformed: a number beyond 2^32-1',
    ],
    [
      '3.1.2.6 a quote that never closes',
      wire(optionsLines('To: "Mr. J. User <sip:j.user@example.com>')),
      'To is malformed: a quote that is never closed',
    ],
    ['3.1.2.7 angle brackets around the Request-URI', wire(requestLines('OPTIONS <sip:user@example.com> SIP/2.0')), 'no scheme in'],
    [
      '3.1.2.8 white space in the Request-URI',
      wire(requestLines('OPTIONS sip:user@example.com; lr SIP/2.0')),
      "white space in 'sip:user@example.com; lr'",
    ],
    ['3.1.2.9 two spaces in the request line', wire(requestLines('OPTIONS  sip:user@example.com  SIP/2.0')), 'more than one space'],
    ['3.1.2.9 two spaces in the request line', wire(requestLines('OPTIONS sip:user@example.com  SIP/2.0')), 'more than one space'],
    ['3.1.2.10 white space after the request line', wire(requestLines('OPTIONS sip:user@example.com SIP/2.0  ')), 'white space at the end'],
    [
      '3.1.2.11 header fields in the Request-URI',
      wire(requestLines('OPTIONS sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0')),
      'Request-URI is malformed: header fields after a ?',
    ],
    [
      '3.1.2.13 a Contact URI that needs angle brackets',
      wire(requestLines(REGISTER, 'CSeq: 1 REGISTER', 'Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E')),
      'Contact is malformed: a URI that needs angle brackets',
    ],
    ['3.1.2.14 spaces inside angle brackets', wire(optionsLines('To: "Watson, Thomas" < sip:t.watson@example.org >')), 'To is malformed'],
    [
      '3.1.2.15 a display name that needs quotes',
      wire(optionsLines('From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43')),
      'From is malformed: a name that needs quotes',
    ],
    ['3.1.2.17 CSeq of another method', wire(optionsLines('CSeq: 8 INVITE')), 'CSeq names the method INVITE, the request line OPTIONS'],
    [
      '3.2.1 a branch that is the magic cookie alone',
      wire(optionsLines('Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK')),
      'Via is malformed: a branch that is the magic cookie alone',
    ],
    ['3.3.8 From twice', wire([START, ...optionsLines().slice(1), 'From: sip:other@example.com;tag=1']), 'From is there more than once'],
    ['3.3.8 Max-Forwards twice', wire([START, ...optionsLines().slice(1), 'Max-Forwards: 5']), 'Max-Forwards is there more than once'],
    [
      '3.3.9 Content-Length twice',
      wire([START, ...optionsLines('Content-Length: 5').slice(1), 'l: 13'], 'There is no way to know.'),
      'Content-Length is there more than once',
    ],
  ])('%s', (_, bytes, reason) => {
    const error = refused(bytes);
    expect(error.status).toBe(400);
    expect(error.message).toContain(reason);
  });

  test('3.1.2.16 another version is 505', () => {
    expect(
      refused(wire(requestLines('OPTIONS sip:t.watson@example.org SIP/7.0', 'Via: SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw'))),
    ).toMatchObject({ code: 'SIP_VERSION', status: 505 });
  });

  test('3.1.2.18 an unknown method that CSeq does not name is 501', () => {
    expect(refused(wire(requestLines('NEWMETHOD sip:bob@example.com SIP/2.0', 'CSeq: 8 INVITE')))).toMatchObject({
      code: 'SIP_CSEQ_METHOD_UNKNOWN',
      status: 501,
    });
  });

  test.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])('3.3.1 %s is missing', (name) => {
    expect(refused(wire(optionsLines(`${name}:`)))).toEqual({ code: 'SIP_HEADER_MISSING', status: 400, message: `${name} is missing` });
  });

  test('the one who answers gets the request with all that could be read', () => {
    for (const start of ['OPTIONS  sip:bob@example.com SIP/2.0', 'OPTIONS sip:bob@example.com SIP/2.0 ', 'OPTIONS sip:b b SIP/2.0']) {
      const result = parse(wire(requestLines(start)));
      expect(result).toMatchObject({
        ok: false,
        request: { method: 'OPTIONS', callId: 'a84b4c76e66710@192.0.2.50', cseq: { number: 63104 } },
      });
    }
  });
});

describe('RFC 4475 and RFC 3261 18.1.2: responses that are dropped', () => {
  test.each([
    [
      '3.1.2.5 CSeq beyond 32 bits',
      wire(
        responseLines(
          'SIP/2.0 503 Service Unavailable',
          'CSeq: 9292394834772304023312 OPTIONS',
          'Retry-After: 949302838503028349304023988',
        ),
      ),
    ],
    ['3.1.2.19 a code beyond three digits', wire(responseLines('SIP/2.0 4294967301 better not break the receiver'))],
    ['a code below 100', wire(responseLines('SIP/2.0 099 Odd'))],
    ['a code above 699', wire(responseLines('SIP/2.0 700 Odd'))],
    ['another version', wire(responseLines('SIP/3.0 200 OK'))],
    ['no Via', wire(responseLines('SIP/2.0 200 OK', 'Via:'))],
    ['two To', wire([...responseLines('SIP/2.0 200 OK'), 'To: <sip:x@y>'])],
    ['a body that did not come whole', wire(responseLines('SIP/2.0 200 OK', 'Content-Length: 4'), 'abc')],
  ])('%s', (_, bytes) => {
    expect(verdict(bytes)).not.toBe('sound');
    const result = parse(bytes);
    expect(result.ok || result.request === undefined).toBe(true);
  });
});

test('RFC 3261 7.1: the version is read without case', () => {
  expect(verdict(wire(requestLines('OPTIONS sip:bob@example.com sip/2.0')))).toBe('sound');
  expect(verdict(wire(responseLines('sip/2.0 200 OK')))).toBe('sound');
});

test('checking a request of our own finds nothing, and throws nothing', () => {
  expect(checkRequest(SipRequest.create('OPTIONS', 'sip:b@example.com', []))).toMatchObject({ code: 'SIP_HEADER_MISSING' });
  expect(checkRequest(request(wire(optionsLines())))).toBeUndefined();
});
