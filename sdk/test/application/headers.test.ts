import { expect, test } from 'vitest';
import { ApplicationRequest, ApplicationResponse, Headers } from '../../src/application/index.ts';

const make = (): Headers =>
  new Headers([
    ['Via', 'a'],
    ['X-A', '1'],
    ['X-B', '2'],
    ['x-a', '3'],
  ]);

test('headers are read in order, whatever the case of their names', () => {
  const headers = make();
  expect([headers.first('x-A'), headers.all('X-A'), headers.has('X-C'), [...headers].length]).toEqual(['1', ['1', '3'], false, 4]);
});

test('what is changed is told by name with all its values, and nothing else is', () => {
  const headers = make();
  headers.add('X-A', '4');
  headers.insert('X-A', '0');
  headers.remove('X-B');
  headers.set('X-C', '5');
  expect(headers.all('X-A')).toEqual(['0', '1', '3', '4']);
  expect(headers.changes()).toEqual([
    ['x-a', ['0', '1', '3', '4']],
    ['x-b', []],
    ['x-c', ['5']],
  ]);
  expect(make().changes()).toEqual([]);
});

test('a header that is set to what it was is no change, and set keeps its place', () => {
  const headers = make();
  headers.set('X-B', '9');
  headers.set('x-b', '2');
  expect([headers.changes(), [...headers].map(([name]) => name)]).toEqual([[], ['Via', 'X-A', 'x-b', 'x-a']]);
});

test.each(['Via', 'v', 'From', 'TO', 'Call-ID', 'cseq', 'Content-Length', 'Record-Route', 'ms-application-via', 'Max-Forwards'])(
  'the header %s is the server’s',
  (name) => {
    const headers = make();
    const changes = [
      () => headers.add(name, 'a'),
      () => headers.insert(name, 'a'),
      () => headers.set(name, 'a'),
      () => headers.remove(name),
    ];
    for (const change of changes) expect(change).toThrow(expect.objectContaining({ code: 'APPLICATION_READ_ONLY' }) as Error);
    expect(headers.changes()).toEqual([]);
  },
);

test('a request tells its changes: Request-URI, headers, body', () => {
  const request = new ApplicationRequest({
    method: 'MESSAGE',
    uri: 'sip:bob@example.com',
    headers: [],
    body: Buffer.from('hi').toString('base64'),
  });
  expect([request.text, request.changes()]).toEqual(['hi', undefined]);
  request.uri = 'sip:carol@example.com';
  request.setBody('Grüße', 'text/plain');
  expect(request.text).toBe('Grüße');
  expect(request.changes()).toEqual({
    uri: 'sip:carol@example.com',
    body: Buffer.from('Grüße').toString('base64'),
    contentType: 'text/plain',
  });
});

test('a response that is left alone has no changes', () => {
  expect(new ApplicationResponse({ status: 200, reason: 'OK', headers: [['X', '1']] }).changes()).toBeUndefined();
});
