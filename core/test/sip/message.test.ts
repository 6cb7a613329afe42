import { expect, test } from 'vitest';
import { ParleyError } from '../../src/errors/index.ts';
import { H, SipRequest, encodeText } from '../../src/sip/index.ts';
import { optionsLines, request, response, responseLines, wire } from './samples.ts';

const ODD = wire(
  [
    'INVITE sip:bob@example.com;unknownparam SIP/2.0',
    'TO :',
    ' sip:bob@example.com ;   tag    = 1918181833n',
    'f:   "J \\\\\\"" <sip:alice@example.com>',
    '  ;',
    '  tag = 98asjd8',
    'MaX-fOrWaRdS: 0068',
    'i: one@192.0.2.1',
    'cseq: 0009',
    '  INVITE',
    'Via  : SIP  /   2.0',
    ' /UDP',
    '    192.0.2.2;branch=390skdjuw',
    's :',
    'X-New:   first line',
    '\tsecond line   ',
    'X-Odd: ;;,,;;,;',
    'v:  SIP  / 2.0  / TCP     spindle.example.com   ;',
    '  branch  =   z9hG4bK9ikj8  ,',
    ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
    ' z9hG4bK30239',
    'm:"Quoted \\"\\"" <sip:alice@example.com> ; newparam =',
    '      newvalue ; q = 0.33',
    'Content-Length   : 4',
  ],
  'v=0\n',
);

test('RFC 3261 7.3: folding, compact forms, any case and white space around colons are read', () => {
  const message = request(ODD);
  expect(message.first(H.To)).toBe('sip:bob@example.com ;   tag    = 1918181833n');
  expect(message.to.tag).toBe('1918181833n');
  expect(message.from).toMatchObject({ displayName: 'J \\"', tag: '98asjd8' });
  expect(message.maxForwards).toBe(68);
  expect(message.callId).toBe('one@192.0.2.1');
  expect(message.cseq).toEqual({ number: 9, method: 'INVITE' });
  expect(message.topVia).toMatchObject({ transport: 'UDP', host: '192.0.2.2', branch: '390skdjuw' });
  expect(message.first('subject')).toBe('');
  expect(message.first('x-new')).toBe('first line second line');
  expect(message.all('X-ODD')).toEqual([';;,,;;,;']);
  expect(message.list(H.Via)).toHaveLength(3);
  expect(message.count(H.Via)).toBe(2);
  expect(message.contacts).toMatchObject({ star: false, list: [{ displayName: 'Quoted ""', q: 0.33 }] });
  expect(message.body.toString()).toBe('v=0\n');
});

test('what nobody touched is written byte for byte', () => {
  const message = request(ODD);
  void [message.from, message.to, message.topVia, message.contacts, message.requestUri, message.body];
  expect(message.serialize().equals(ODD)).toBe(true);
  expect(message.toString()).toBe(ODD.toString('latin1'));
});

test('what is touched changes alone', () => {
  const before = ODD.toString('latin1');
  const message = request(ODD);
  message.set(H.MaxForwards, '67');
  message.prepend(H.Via, 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx');
  message.append('X-Odd', 'more');
  message.remove('s');
  const after = before
    .replace('MaX-fOrWaRdS: 0068', 'MaX-fOrWaRdS: 67')
    .replace('Via  :', 'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\nVia  :')
    .replace(';;,,;;,;\r\n', ';;,,;;,;\r\nX-Odd: more\r\n')
    .replace('s :\r\n', '');
  expect(message.toString()).toBe(after);
});

test('unknown methods, headers and parameters keep their case and order', () => {
  const bytes = wire(
    [
      "!odd-Method0123_*+`.%indeed'~ sip:bob@example.com;Some=Thing SIP/2.0",
      ...optionsLines('CSeq:', "extensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7", 'C%6Fntact: <sip:x@example.com>').slice(1),
    ],
    '',
  );
  const message = request(bytes);
  expect(message.method).toBe("!odd-Method0123_*+`.%indeed'~");
  expect(message.uri).toBe('sip:bob@example.com;Some=Thing');
  expect(message.first("EXTENSIONheader-!.%*+_`'~")).toBe('\xef\xbb\xbf\xe5\xa4\xa7');
  expect(message.all(H.Contact)).toHaveLength(1);
  expect(message.serialize().equals(bytes)).toBe(true);
});

test('set replaces the first field, drops the others and keeps the spelling of the name', () => {
  const message = request(wire(optionsLines('Subject: one')));
  message.append('s', 'two');
  message.append('Subject', 'three');
  message.set('SUBJECT', 'four');
  expect(message.all(H.Subject)).toEqual(['four']);
  message.set('X-New', 'a');
  message.set('x-new', 'b');
  expect(message.toString()).toContain('X-New: b\r\n');
  expect(message.count('X-NEW')).toBe(1);
});

test('append goes after the last of its name, prepend before the first, and a new name to the end or the top', () => {
  const message = request(wire(optionsLines('Route: <sip:a;lr>', 'Record-Route: <sip:x;lr>')));
  message.append(H.Route, '<sip:b;lr>');
  message.prepend(H.Route, '<sip:0;lr>');
  message.append('X-End', '1');
  message.prepend('X-Top', '2');
  const names = message.headers.map((field) => field.name);
  expect(names[0]).toBe('X-Top');
  expect(names.at(-1)).toBe('X-End');
  expect(message.routes.map((route) => route.uri.host)).toEqual(['0', 'a', 'b']);
  expect(names.lastIndexOf('Route')).toBe(names.indexOf('Route') + 2);
});

test('shift takes off one element after the other, joined by commas or not', () => {
  const message = request(wire(optionsLines('Route: <sip:a;lr> , "x,y" <sip:b;lr>', 'X-R: 1')));
  message.append(H.Route, '<sip:c;lr>');
  expect(message.shift(H.Route)).toBe('<sip:a;lr>');
  expect(message.routes.map((route) => route.uri.host)).toEqual(['b', 'c']);
  expect([message.shift(H.Route), message.shift(H.Route), message.shift(H.Route)]).toEqual(['"x,y" <sip:b;lr>', '<sip:c;lr>', undefined]);
  expect(message.has(H.Route)).toBe(false);
});

test('replaceFirst changes one element and leaves what is behind it', () => {
  const message = request(ODD);
  message.shift(H.Via);
  expect(message.replaceFirst(H.Via, 'SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8;received=192.0.2.1')).toBe(true);
  expect(message.topVia.received).toBe('192.0.2.1');
  expect(message.list(H.Via)).toEqual([
    'SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8;received=192.0.2.1',
    'SIP  /    2.0   / UDP  192.168.255.111   ; branch= z9hG4bK30239',
  ]);
  expect(message.replaceFirst(H.Path, '<sip:a>')).toBe(false);
});

test('a view is read anew when its header changes, and only then', () => {
  const message = request(wire(optionsLines('Route: <sip:a;lr>', 'Expires: 60')));
  const { from, routes, contacts } = message;
  message.set(H.MaxForwards, '5');
  expect([message.from, message.routes, message.contacts]).toEqual([from, routes, contacts]);
  expect(message.from).toBe(from);
  expect(message.routes).toBe(routes);
  message.set(H.From, '<sip:carol@example.com>;tag=2');
  message.set(H.Route, '<sip:b;lr>');
  message.set(H.Contact, '*');
  message.set(H.Expires, '61');
  expect(message.from.uri.user).toBe('carol');
  expect(message.routes[0]?.uri.host).toBe('b');
  expect(message.contacts).toEqual({ star: true });
  expect(message.expires).toBe(61);
});

test('a clone is changed by itself, and shares what nobody changed', () => {
  const original = request(wire(optionsLines(), ''));
  const { from } = original;
  const copy = original.clone();
  copy.prepend(H.Via, 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx');
  copy.uri = 'sip:carol@example.com';
  copy.set(H.From, '<sip:other@example.com>;tag=1');
  copy.setBody('hello', 'text/plain');
  expect(original.serialize().equals(wire(optionsLines()))).toBe(true);
  expect(original.from).toBe(from);
  expect(original.requestUri.user).toBe('bob');
  expect(copy.requestUri.user).toBe('carol');
  expect(copy.toString()).toMatch(/^OPTIONS sip:carol@example.com SIP\/2.0\r\nVia: SIP\/2.0\/UDP 192.0.2.9/);
  expect(original.body).toHaveLength(0);
});

test('a response is cloned too', () => {
  const original = response(wire(responseLines('SIP/2.0 486 \xd0\x97anyato')));
  const copy = original.clone();
  copy.shift(H.Via);
  expect(original.has(H.Via)).toBe(true);
  expect(copy).toMatchObject({ status: 486, reason: '\xd0\x97anyato' });
  expect(copy.toString()).toMatch(/^SIP\/2.0 486 \xd0\x97anyato\r\nFrom:/);
});

test('a body brings its Content-Length and Content-Type, an empty one takes the type away', () => {
  const message = request(wire(optionsLines()));
  message.setBody('J\u00fcrgen', 'text/plain;charset=utf-8');
  expect(message.first(H.ContentLength)).toBe('7');
  expect(message.toString().endsWith('Content-Length: 7\r\nContent-Type: text/plain;charset=utf-8\r\n\r\nJ\xc3\xbcrgen')).toBe(true);
  message.setBody(Buffer.from([0, 255]));
  expect(message.serialize().subarray(-2)).toEqual(Buffer.from([0, 255]));
  expect(message.first(H.ContentType)).toBe('text/plain;charset=utf-8');
  message.setBody('');
  expect([message.first(H.ContentLength), message.has(H.ContentType), message.body.length]).toEqual(['0', false, 0]);
});

test('RFC 3261 18.3: a message that came without Content-Length leaves with one', () => {
  const message = request(wire(optionsLines('Content-Length:'), 'four'));
  expect(message.body.toString()).toBe('four');
  expect(message.toString().endsWith('Content-Length: 4\r\n\r\nfour')).toBe(true);
});

test('RFC 4475 3.1.2.4: Max-Forwards and Expires beyond their range count as absent, anything else but digits is an error', () => {
  const large = request(wire(optionsLines('Max-Forwards: 300', `Expires: 1${'0'.repeat(100)}`)));
  expect([large.maxForwards, large.expires]).toEqual([undefined, undefined]);
  const broken = request(wire(optionsLines('Max-Forwards: -1', 'Expires: soon')));
  expect(() => broken.maxForwards).toThrow(/^Max-Forwards is malformed: no number/);
  expect(() => broken.expires).toThrow(/^Expires is malformed/);
  const absent = request(wire(optionsLines('Max-Forwards:')));
  expect([absent.maxForwards, absent.expires]).toEqual([undefined, undefined]);
});

test('a missing mandatory header is an error that names it', () => {
  const message = request(wire(['OPTIONS sip:bob@example.com SIP/2.0', 'Content-Length: 0']));
  for (const [view, name] of [
    ['from', 'From'],
    ['to', 'To'],
    ['topVia', 'Via'],
    ['cseq', 'CSeq'],
    ['callId', 'Call-ID'],
  ] as const) {
    expect(() => message[view]).toThrow(`${name} is missing`);
  }
  expect([message.contacts, message.routes, message.recordRoutes]).toEqual([{ star: false, list: [] }, [], []]);
});

test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\rb', '\u20ac'])('a header value that would not stay on its line is refused: %j', (value) => {
  const message = request(wire(optionsLines()));
  for (const change of [
    () => message.set(H.Subject, value),
    () => message.append('X-New', value),
    () => message.prepend(H.Via, value),
    () => message.replaceFirst(H.Via, value),
    () => {
      message.uri = value;
    },
  ]) {
    expect(change).toThrow(ParleyError);
  }
  expect(message.serialize().equals(wire(optionsLines()))).toBe(true);
});

test.each(['X New', 'X:', '', 'a\r\nb'])('a header name that is no token is refused: %j', (name) => {
  expect(() => request(wire(optionsLines())).append(name, '1')).toThrow(/not a token/);
});

test('UTF-8 goes in and out as bytes', () => {
  const message = request(wire(optionsLines()));
  message.set(H.Subject, encodeText('Gr\u00fc\u00dfe \u2713'));
  expect(message.serialize().includes('Subject: Gr\u00fc\u00dfe \u2713\r\n')).toBe(true);
});

test('a request of our own has its headers in order, and a Content-Length', () => {
  const headers = [
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['Route', '<sip:b;lr>'],
    ['Route', '<sip:c;lr>'],
    ['X-Own', '1'],
  ] as const;
  expect(SipRequest.create('PING', 'sip:bob@example.com', headers).toString()).toBe(
    'PING sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nRoute: <sip:b;lr>\r\nRoute: <sip:c;lr>\r\nX-Own: 1\r\nContent-Length: 0\r\n\r\n',
  );
  expect(SipRequest.create('MESSAGE', 'sip:b@c', [['Content-Type', 'text/plain']], 'hi').toString()).toBe(
    'MESSAGE sip:b@c SIP/2.0\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi',
  );
  expect(() => SipRequest.create('NO TOKEN', 'sip:b@c', [])).toThrow(ParleyError);
  expect(() => SipRequest.create('PING', 'sip:b c', [])).toThrow(ParleyError);
});

test('the size is that of the bytes, whatever was changed, with and without a Content-Length', () => {
  const made = SipRequest.create('MESSAGE', 'sip:bob@example.com', [['Subject', 'hi']]);
  expect(made.size).toBe(made.serialize().length);
  made.append('X-Other', 'more');
  made.prepend('Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1');
  made.uri = 'sip:a-longer-name@example.com';
  made.setBody('five!', 'text/plain');
  expect(made.size).toBe(made.serialize().length);
  made.remove('Content-Length');
  expect(made.size).toBe(made.serialize().length);
  made.remove('Subject');
  expect(made.clone().size).toBe(made.serialize().length);
});
