import { expect, test } from 'vitest';
import { headerAfter, request, response, runScript, valueOf } from './script-world.ts';

/** A value written as an MSPL string. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

test('MSPL R18: AddHeader adds a header that is not there, and leaves one that is', () => {
  const message = request('INVITE', ['X-Old: 1']);
  runScript('AddHeader("X-New", "2"); AddHeader("X-Results", Concatenate(AddHeader("X-Other", "3"), AddHeader("x-old", "4")));', message);
  expect(['X-New', 'X-Other', 'X-Old', 'X-Results'].map((name) => message.first(name))).toEqual(['2', '3', '1', 'truefalse']);
  expect(message.toString()).toContain('\r\nX-New: 2\r\n');
});

test('AddHeader takes members of StandardHeader and works on responses', () => {
  const message = response(200);
  runScript('AddHeader(StandardHeader.Server, "Parley"); AddHeader(StandardHeader.MSDiagnostics, "1");', message);
  expect([message.first('Server'), message.first('ms-diagnostics')]).toEqual(['Parley', '1']);
});

test('what the stack keeps right by itself cannot be added', () => {
  const message = request('INVITE');
  message.remove('Content-Length');
  const before = message.toString();
  runScript('AddHeader("Content-Length", "99"); AddHeader("Via", "x"); AddHeader("f", "sip:mallory@example.com");', message);
  expect(message.toString()).toBe(before);
});

test('text with line breaks cannot begin a header of its own', () => {
  const body = 'hello\r\nX-Evil: 1\r\n\r\n';
  const message = request('MESSAGE', [], body);
  runScript('AddHeader("X-Copy", sipMessage.Content); SetParameterValue("To", "x", "a\\r\\nX-Evil: 2");', message);
  expect(message.first('X-Copy')).toBe('hello X-Evil: 1');
  expect(message.first('To')).toBe('<sip:bob@example.com>;x="a X-Evil: 2"');
  expect(message.has('X-Evil')).toBe(false);
  expect(runScript('Respond(200, "OK\\r\\nX-Evil: 1", "X-A=b\\r\\nX-Evil: 1");').did).toEqual([
    'respond 200 OK X-Evil: 1 X-A: b X-Evil: 1',
  ]);
});

test('a header name that can be none ends the script', () => {
  expect(runScript('AddHeader("X Y", "1");').outcome.error?.code).toBe('MSPL_HEADER_NAME');
  expect(runScript('foreach (v in GetHeaderValues("X:Y")) { }').outcome.error?.code).toBe('MSPL_HEADER_NAME');
  expect(runScript('SetParameterValue("To", "a;b", "1");').outcome.error?.code).toBe('MSPL_HEADER_NAME');
});

test('text beyond ASCII goes out as UTF-8 and comes in from it', () => {
  const message = request('INVITE', ['Subject: Gr\u00fc\u00dfe']);
  runScript('foreach (v in GetHeaderValues("Subject")) { if (v == "Gr\u00fc\u00dfe") { AddHeader("X", v); } }', message);
  expect(Buffer.from(message.first('X') ?? '', 'latin1').toString('utf8')).toBe('Gr\u00fc\u00dfe');
});

test('MSPL R20: SetParameterValue adds, replaces and removes', () => {
  const to = (script: string, value = '<sip:bob@example.com>') => {
    const message = request('INVITE');
    message.set('To', value);
    return headerAfter(script, 'To', message);
  };
  expect(to('SetParameterValue("To", "epid", "abc");')).toBe('<sip:bob@example.com>;epid=abc');
  expect(to('SetParameterValue("t", "EPID", "new");', '<sip:bob@example.com>;epid=old;tag=1')).toBe('<sip:bob@example.com>;epid=new;tag=1');
  expect(to('SetParameterValue(StandardHeader.To, "epid", "");', '<sip:bob@example.com>;epid=old;tag=1')).toBe(
    '<sip:bob@example.com>;tag=1',
  );
  expect(to('SetParameterValue("To", "epid", "");')).toBe('<sip:bob@example.com>');
  expect(to('SetParameterValue("To", "epid", "a b");')).toBe('<sip:bob@example.com>;epid="a b"');
  expect(to('SetParameterValue("To", "x", "1");', 'sip:bob@example.com;tag=1')).toBe('sip:bob@example.com;tag=1;x=1');
  expect(to('SetParameterValue("To", "lr", "1");', '"B;lr=2" <sip:bob@example.com;lr>')).toBe('"B;lr=2" <sip:bob@example.com;lr>;lr=1');
});

test('MSPL R20: false for a header that is not there', () => {
  expect(valueOf('SetParameterValue("Refer-To", "a", "b")')).toBe('false');
  expect(valueOf('SetParameterValue("To", "a", "b")')).toBe('true');
  expect(valueOf('SetParameterValue("Via", "branch", "b")')).toBe('false');
});

test('SetParameterValue changes the first value alone', () => {
  const message = request('INVITE', ['Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.2>;q=1', 'Contact: <sip:c@192.0.2.3>']);
  runScript('SetParameterValue("Contact", "q", "0.5");', message);
  expect(message.all('Contact')).toEqual(['<sip:a@192.0.2.1>;q=0.5, <sip:b@192.0.2.2>;q=1', '<sip:c@192.0.2.3>']);
});

test('a script sees the From that it has changed', () => {
  const script =
    'a = sipMessage.From; SetParameterValue("From", "epid", "new"); AddHeader("X", GetParameterValue(sipMessage.From, "epid"));';
  expect(headerAfter(script, 'X')).toBe('new');
});

test.each([
  ['<sip:a@b>;tag=1;flag', 'flag', ''],
  ['<sip:a@b>;tag=1;flag', 'tag', '1'],
  ['<sip:a@b>;tag=1', 'TAG', '1'],
  ['<sip:a@b;tag=2>;Tag=1', 'tag', '1'],
  ['<sip:a@b;inner=2>', 'inner', ''],
  ['sip:a@b;tag=1', 'tag', '1'],
  ['presence;id=a;x="b;c=d"', 'x', 'b;c=d'],
  ['"A;x=1" <sip:a@b>;y=2', 'x', ''],
  ['<sip:a@b>, <sip:c@d>;x=2', 'x', ''],
  ['<sip:a@b', 'x', ''],
  ['"open', 'x', ''],
  [';;x=1', 'x', '1'],
  ['<sip:a@b>;x="say \\"hi\\""', 'x', 'say "hi"'],
])('MSPL R30: GetParameterValue of %s, %s, is "%s"', (value, parameter, found) => {
  const expression = `GetParameterValue(${quoted(value)}, "${parameter}")`;
  expect(valueOf(expression)).toBe(found);
  expect(valueOf(`${expression} == null`)).toBe(String(found === ''));
});

test.each([
  ['sip:a@b;opaque=app:voicemail', 'opaque', 'app:voicemail'],
  ['<sip:a@b;Opaque=x>;opaque=y', 'opaque', 'x'],
  ['sip:a@b;gruu', 'gruu', ''],
  ['sip:a@b', 'gruu', ''],
  ['nonsense', 'gruu', ''],
])('MSPL R31: GetUriParameter of %s, %s, is "%s"', (uri, parameter, found) => {
  expect(valueOf(`GetUriParameter(${quoted(uri)}, "${parameter}")`)).toBe(found);
});

const WHOLE = '"A, B" <sip:bob@Example.com:5061;gruu>;epid=1';

test.each([
  ['GetUserAtHost', WHOLE, 'bob@example.com'],
  ['GetUserAtHost', 'sip:bob@example.com', 'bob@example.com'],
  ['GetUserAtHost', 'sip:example.com', ''],
  ['GetUserAtHost', 'tel:+14255550100', ''],
  ['GetUserAtHost', 'sip:b%6fb@example.com', 'bob@example.com'],
  ['GetUri', WHOLE, 'sip:bob@Example.com:5061;gruu'],
  ['GetUri', 'sip:bob@example.com;transport=tcp', 'sip:bob@example.com;transport=tcp'],
  ['GetUri', 'sip:bob@example.com;tag=1', 'sip:bob@example.com'],
  ['GetUri', 'no uri at all', ''],
  ['GetHostName', WHOLE, 'example.com'],
  ['GetHostName', 'sip:[2001:db8::1]:5060', '[2001:db8::1]'],
  ['GetHostName', 'tel:+14255550100', ''],
  ['GetScheme', WHOLE, 'sip'],
  ['GetScheme', 'TEL:+14255550100', 'tel'],
  ['GetUserName', WHOLE, 'bob'],
  ['GetUserName', 'tel:+14255550100', '+14255550100'],
  ['GetUserName', 'sip:example.com', ''],
  ['GetDisplayName', WHOLE, 'A, B'],
  ['GetDisplayName', 'Bob <sip:bob@example.com>', 'Bob'],
  ['GetDisplayName', 'sip:bob@example.com', ''],
])('MSPL R32: %s of %s is "%s", null for nothing', (name, value, found) => {
  expect(valueOf(`${name}(${quoted(value)})`)).toBe(found);
  expect(valueOf(`${name}(${quoted(value)}) == null`)).toBe(String(found === ''));
});

test('the same functions on From and To of the message', () => {
  const message = request('INVITE');
  message.set('From', '"Zo\u00c3\u00ab" <sip:zo%c3%ab@example.com;x=1>;tag=1;epid="a b"');
  const read = (expression: string) => valueOf(expression, message.clone());
  expect(read('GetDisplayName(sipMessage.From)')).toBe('Zo\u00c3\u00ab');
  expect(read('GetUserAtHost(sipMessage.From)')).toBe('zo\u00c3\u00ab@example.com');
  expect(read('GetUriParameter(sipMessage.From, "x")')).toBe('1');
  expect(read('GetParameterValue(sipMessage.From, "epid")')).toBe('a b');
  expect(read('GetParameterValue(sipMessage.From, "x")')).toBe('');
  expect(read('GetUri(sipMessage.To)')).toBe('sip:bob@example.com');
});

test('MSPL R33: GetHeaderValues keeps order, takes compact names and members, and gives nothing for a header that is not there', () => {
  const message = () => request('INVITE', ['Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKb, SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKc']);
  const all = (header: string) => {
    const copy = message();
    runScript(
      `x = ""; foreach (v in GetHeaderValues(${header})) { x = Concatenate(x, SubString(v, 12, 9), " "); } AddHeader("X", x);`,
      copy,
    );
    return copy.first('X');
  };
  expect(all('StandardHeader.Via')).toBe('192.0.2.1 192.0.2.2 192.0.2.3');
  expect(all('"v"')).toBe(all('StandardHeader.Via'));
  expect(all('"VIA"')).toBe(all('StandardHeader.Via'));
  expect(all('"X-None"')).toBe('');
});

test('MSPL R33: a header whose grammar is no list is one value, commas and all', () => {
  const message = request('INVITE', ['Date: Sat, 13 Nov 2010 23:29:00 GMT', 'X-Own: a, b', 'Allow: INVITE, BYE']);
  expect(valueOf('GetHeaderValues("Date")', message)).toBe('Sat, 13 Nov 2010 23:29:00 GMT');
  const count = (header: string) =>
    headerAfter(`n = 0; foreach (v in GetHeaderValues("${header}")) { n = n + 1; } AddHeader("N", n);`, 'N', message.clone());
  expect([count('Date'), count('X-Own'), count('Allow')]).toEqual(['1', '1', '2']);
});
