import type { SipMessage } from '@parley/core';
import { expect, test } from 'vitest';
import { Client, World, reply } from './support.ts';
import type { Shape } from './support.ts';

function sent(method: string, headers: Shape['headers'] = []): SipMessage {
  const world = new World();
  const client = new Client(world);
  client.signIn();
  return client.send(method, { headers }).inbound.message;
}

test.each([
  ['P-Asserted-Identity', '<sip:bob@example.com>'],
  ['ms-edge-proxy-message-trust', 'ms-source-type=DirectPartner'],
  ['ms-user-logon-data', 'RemoteUser'],
])('MS-SIPAE R16, MS-SIPRE R15: %s of a client is not believed', (header, value) => {
  expect(sent('MESSAGE', [[header, value]]).has(header)).toBe(false);
});

test('MS-SIPAE R16: an INVITE says who the user is', () => {
  expect(sent('INVITE').all('P-Asserted-Identity')).toEqual(['"Alice Adams" <sip:alice@example.com>']);
  expect(sent('INVITE', [['P-Asserted-Identity', '<sip:bob@example.com>']]).all('P-Asserted-Identity')).toEqual([
    '"Alice Adams" <sip:alice@example.com>',
  ]);
});

test('RFC 3323: unless the caller wants to stay unnamed', () => {
  expect(sent('INVITE', [['Privacy', 'header;id']]).has('P-Asserted-Identity')).toBe(false);
});

test('MS-SIPAE R16: a preferred identity of the user becomes the asserted one, with the number', () => {
  const message = sent('MESSAGE', [['P-Preferred-Identity', '"Somebody" <sip:ALICE@example.com>, <tel:+14255550101>']]);
  expect(message.all('P-Asserted-Identity')).toEqual(['"Alice Adams" <sip:ALICE@example.com>, <tel:+14255550101>']);
  expect(message.has('P-Preferred-Identity')).toBe(false);
});

test('MS-SIPAE R16: that of somebody else does not', () => {
  const message = sent('INVITE', [['P-Preferred-Identity', '<sip:bob@example.com>, <tel:+14255550199>']]);
  expect(message.all('P-Asserted-Identity')).toEqual(['"Alice Adams" <sip:alice@example.com>']);
});

test('MS-SIPAE R16: the same for responses', () => {
  const world = new World();
  const client = new Client(world);
  client.signIn();
  const response = reply(client.request('INVITE', { from: '<sip:bob@example.com>;tag=b', to: '<sip:alice@example.com>' }), 200);
  response.append('P-Asserted-Identity', '<sip:bob@example.com>');
  const { inbound } = world.check(client.sign(response), client.on);
  expect(inbound.message.has('P-Asserted-Identity')).toBe(false);
});

test('MS-SIPRE R22: a Referred-By names the user who sends it, or goes', () => {
  expect(sent('REFER', [['Referred-By', '<sip:alice@example.com>']]).first('Referred-By')).toBe('<sip:alice@example.com>');
  expect(sent('REFER', [['Referred-By', '<sip:bob@example.com>']]).has('Referred-By')).toBe(false);
  expect(sent('REFER', [['Referred-By', 'nonsense <']]).has('Referred-By')).toBe(false);
  expect(
    sent('REFER', [
      ['Referred-By', '<sip:alice@example.com>'],
      ['Referred-By', '<sip:bob@example.com>'],
    ]).has('Referred-By'),
  ).toBe(false);
});

test('MS-SIPAE 2.2.5: what servers vouch with to each other is not taken from a client; its own ms-referee-uri is', () => {
  const message = sent('REFER', [
    ['Referred-By', '<sip:alice@example.com>;ms-identity="AAAA";ms-identity-alg=rsa;ms-referee-uri="sip:alice@example.com";x=1'],
  ]);
  expect(message.first('Referred-By')).toBe('<sip:alice@example.com>;ms-referee-uri="sip:alice@example.com";x=1');
  expect(sent('REFER', [['Referred-By', '<sip:alice@example.com>;ms-referee-uri="sip:bob@example.com"']]).first('Referred-By')).toBe(
    '<sip:alice@example.com>',
  );
});
