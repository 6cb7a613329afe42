import { expect, test } from 'vitest';
import { RouteSigner } from '../../src/proxy/route-token.ts';
import type { RouteState } from '../../src/proxy/route-token.ts';

const signer = new RouteSigner(Buffer.alloc(32, 7));
const STATE: RouteState = { caller: { kind: 'flow', id: 0x1fd2 }, callee: { kind: 'udp', host: '2001:db8::9', port: 5062 } };

function parameters(text: string): { opaque: string; signature: string } {
  const found = /^;opaque=([^;]+);ms-route-sig=([^;]+)$/.exec(text);
  return { opaque: found?.[1] ?? '', signature: found?.[2] ?? '' };
}

test('what was written into a Record-Route is read back from the Route', () => {
  const { opaque, signature } = parameters(signer.parameters(STATE, 'call-1'));
  expect(signer.read(opaque, signature, 'call-1')).toEqual(STATE);
});

test('[MS-SIPRE] 3.6: the value has neither commas nor quotes, since OCS clients split the header at commas', () => {
  expect(signer.parameters(STATE, 'call-1')).not.toMatch(/[,"\s]/);
});

test.each([
  ['of another call', (o: string, s: string) => signer.read(o, s, 'call-2')],
  ['with another flow written into it', (o: string, s: string) => signer.read(o.replace('1fd2', '1fd3'), s, 'call-1')],
  ['with a shortened signature', (o: string, s: string) => signer.read(o, s.slice(1), 'call-1')],
  ['of another server', (o: string, s: string) => new RouteSigner(Buffer.alloc(32, 8)).read(o, s, 'call-1')],
])('[MS-SIPRE] R8: a Route %s is forged', (_, read) => {
  const { opaque, signature } = parameters(signer.parameters(STATE, 'call-1'));
  expect(read(opaque, signature)).toBe('forged');
});
