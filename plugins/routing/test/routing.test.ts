import { expect, test } from 'vitest';
import { EventPackageList, H } from '@parley/sdk';
import type { Binding } from '@parley/plugin-registrar/api';
import { RoutingConfig } from '../src/config.ts';
import { aRequest, anEndpoint, route } from './fixtures.ts';
import type { Outcome } from './fixtures.ts';

const BOB = 'sip:bob@example.com';
const DESK = anEndpoint({ contact: 'sip:bob@192.0.2.7', epid: '1b', takes: ['INVITE', 'MESSAGE', 'BYE'], instance: 'id-1' });
const MOBILE = anEndpoint({ contact: 'sip:bob@192.0.2.8', epid: '2c', flowId: 2, q: 500 });

function uris(outcome: Outcome): readonly string[] | undefined {
  return outcome.targets?.map((target) => target.uri);
}

/** Status of an INVITE of alice's to `uri`, or the URIs that it went to. */
function invite(
  uri: string,
  config: Partial<RoutingConfig> = {},
  more: Parameters<typeof route>[3] = {},
  bindings: readonly Binding[] = [DESK, MOBILE],
): unknown {
  const outcome = route(aRequest('INVITE', uri), bindings, config, more);
  return outcome.status ?? uris(outcome);
}

test('MS-SIPRE 4.2: a request for a user goes to every endpoint that takes the method', () => {
  const outcome = route(aRequest('INVITE', BOB), [DESK, MOBILE]);
  expect(outcome.targets).toEqual([
    { uri: 'sip:bob@192.0.2.7', q: 1, epid: '1b' },
    { uri: 'sip:bob@192.0.2.8', q: 0.5, epid: '2c' },
  ]);
  expect(uris(route(aRequest('OPTIONS', BOB), [DESK, MOBILE]))).toEqual(['sip:bob@192.0.2.8']);
  expect(route(aRequest('OPTIONS', BOB), [DESK]).status).toBe(480);
});

test('MS-SIPRE 10: who is unknown is not found, who is not signed in is not available, who is disabled is unknown', () => {
  expect(invite('sip:ghost@example.com')).toBe(404);
  expect(invite('sip:dora@example.com')).toBe(404);
  expect(invite('sip:bob@example.com', {}, {}, [])).toBe(480);
  expect(invite('sip:Bob@Example.COM;transport=tls')).toEqual(['sip:bob@192.0.2.7', 'sip:bob@192.0.2.8']);
});

test('MS-SIPRE R21: a refusal carries ms-diagnostics', () => {
  expect(route(aRequest('INVITE', 'sip:ghost@example.com'), []).headers).toEqual({
    Warning: '399 uc.example.com "ghost@example.com does not exist"',
    'ms-diagnostics': '1003;reason="ghost@example.com does not exist";source="uc.example.com"',
  });
});

test('MS-SIPRE R4: a GRUU reaches its endpoint and no other', () => {
  expect(invite(`${BOB};opaque=user:epid:id-1;gruu`)).toEqual(['sip:bob@192.0.2.7']);
  expect(invite(`${BOB};opaque=user:epid:id-2;gruu`)).toBe(480);
  expect(invite('sip:ghost@example.com;opaque=user:epid:id-1;gruu')).toBe(404);
});

test('MS-SIPRE 3.3: a service that no plugin has claimed is not found', () => {
  expect(invite(`${BOB};opaque=app:voicemail;gruu`)).toBe(404);
  expect(invite(`${BOB};opaque=srvr:MRAS:1;gruu`)).toBe(404);
});

test('MS-SIPRE 4.3: who calls herself does not ring the endpoint that she calls from', () => {
  const own = [
    anEndpoint({ aor: 'alice@example.com', contact: 'sip:1', epid: 'AA' }),
    anEndpoint({ aor: 'alice@example.com', contact: 'sip:2', epid: 'bb' }),
  ];
  expect(invite('sip:alice@example.com', {}, {}, own)).toEqual(['sip:2']);
  expect(invite('sip:alice@example.com', {}, {}, own.slice(0, 1))).toBe(480);
  const phone = [
    anEndpoint({ aor: 'alice@example.com', contact: 'sip:1', flowId: 7 }),
    anEndpoint({ aor: 'alice@example.com', contact: 'sip:2', flowId: 8 }),
  ];
  expect(invite('sip:alice@example.com', {}, { flowId: 7 }, phone)).toEqual(['sip:2']);
});

test('MS-SIPRE R18: a phone number of a user is that user', () => {
  const both = ['sip:bob@192.0.2.7', 'sip:bob@192.0.2.8'];
  expect(invite('sip:+14255550101@example.com;user=phone')).toEqual(both);
  expect(invite('sip:+14255550101@example.com')).toEqual(both);
  expect(invite('tel:+14255550101')).toEqual(both);
  expect(invite('sip:+14255550199@example.com;user=phone')).toBe(404);
  expect(invite('tel:+14255550199')).toBe(404);
});

test('RFC 5626 5.3: of two flows of one instance the last refreshed is used', () => {
  const flow = (regId: number, refreshedAt: number, instance = 'x'): Binding =>
    anEndpoint({ contact: `sip:${instance}${regId}`, instance, regId, refreshedAt });
  expect(invite(BOB, {}, {}, [flow(1, 10), flow(2, 20), flow(1, 5, 'y'), MOBILE])).toEqual(['sip:x2', 'sip:y1', 'sip:bob@192.0.2.8']);
});

test('one request goes to no more endpoints than allowed', () => {
  const many = Array.from({ length: 10 }, (_, i) => anEndpoint({ contact: `sip:${i}` }));
  expect(invite(BOB, { maxBranches: 4 }, {}, many)).toHaveLength(4);
});

test('an endpoint whose connection is gone counts as not signed in', () => {
  expect(invite(BOB, {}, {}, [anEndpoint({ lost: true })])).toBe(480);
});

test('other domains: not by default, then those that are listed, and never for senders whom nobody knows', () => {
  expect(invite('sip:carol@example.org')).toBe(403);
  expect(invite('sip:carol@example.org', { outbound: 'allow' })).toEqual(['sip:carol@example.org']);
  expect(invite('sip:carol@example.org', { outbound: 'allow' }, { identity: undefined })).toBe(403);
  const outbound = RoutingConfig.parse({ outbound: ['Example.org', '*.example.net'] });
  expect(invite('sip:carol@example.org', outbound)).toEqual(['sip:carol@example.org']);
  expect(invite('sip:carol@EXAMPLE.ORG:5070', outbound)).toEqual(['sip:carol@EXAMPLE.ORG:5070']);
  expect(invite('sip:carol@sip.example.net', outbound)).toEqual(['sip:carol@sip.example.net']);
  expect(invite('sip:carol@example.net', outbound)).toBe(403);
  expect(invite('sip:carol@notexample.org', outbound)).toBe(403);
  expect(invite('sip:carol@badexample.net', outbound)).toBe(403);
});

test('senders: ours have to be authenticated, those outside are let in where that is wanted', () => {
  const stranger = '<sip:eve@example.org>;tag=1';
  const from = (value: string, config: Partial<RoutingConfig> = {}): unknown => {
    const outcome = route(aRequest('MESSAGE', BOB, [], value), [DESK], config, { identity: undefined });
    return outcome.status ?? 'delivered';
  };
  expect(from(stranger)).toBe('delivered');
  expect(from(stranger, { inbound: 'deny' })).toBe(403);
  expect(from('<sip:alice@example.com>;tag=1')).toBe(403);
  expect(from('<sip:alice@EXAMPLE.com>;tag=1')).toBe(403);
  expect(from('<tel:+15551234>;tag=1')).toBe(403);
  expect(from('<sip:alice@example.com>;tag=1', { requireAuthentication: false })).toBe('delivered');
});

test('what is addressed to a registered contact is delivered to that endpoint', () => {
  expect(invite('sip:bob@192.0.2.8')).toEqual(['sip:bob@192.0.2.8']);
  expect(invite('sip:bob@192.0.2.8', {}, { identity: undefined })).toBe(403);
});

test('what is addressed to the server itself is refused as it should be', () => {
  expect(route(aRequest('INVITE', 'sip:example.com'), []).headers?.['Allow']).toContain('INVITE');
  expect(invite('sip:example.com')).toBe(405);
  expect(invite('sip:192.0.2.10')).toBe(405);
  expect(invite('sip:uc.example.com')).toBe(405);
  expect(invite('sip:bob@192.0.2.10')).toBe(404);
  expect(invite('http://example.com/')).toBe(416);
});

test('MS-SIPRE 4.2: SUBSCRIBE, SERVICE and PUBLISH are never delivered to endpoints', () => {
  const methods = ['SUBSCRIBE', 'SERVICE', 'PUBLISH', 'BENOTIFY'];
  expect(methods.map((method) => route(aRequest(method, BOB), [MOBILE]).status)).toEqual([489, 405, 405, 405]);
  expect(route(aRequest('SUBSCRIBE', 'sip:ghost@example.com'), []).status).toBe(404);
});

test('MS-SIPREGE R11: a 489 lists the events that somebody here notifies of', () => {
  const subscribe = aRequest('SUBSCRIBE', BOB, ['Event: dialog;sla']);
  const { headers } = route(subscribe, [], {}, { events: ['presence', 'message-summary'] });
  expect(headers?.['Allow-Events']).toBe('presence,message-summary');
  expect(headers?.['Warning']).toContain('nobody here notifies of dialog');
  const list = new EventPackageList();
  const [first, second] = [list.add('presence'), list.add('presence')];
  first();
  expect(list.names).toEqual(['presence']);
  second();
  expect(list.names).toEqual([]);
});

test('MSPL R51: what an application before has routed is not routed again', () => {
  expect(route(aRequest('INVITE', 'sip:somebody@example.org'), [], {}, { routed: true })).toEqual({ passed: true });
});

test('History-Info is added where it is wanted and not there', () => {
  const request = aRequest('INVITE', BOB);
  route(request, [DESK]);
  expect(request.has(H.HistoryInfo)).toBe(false);
  route(request, [DESK], { historyInfo: true });
  route(request, [DESK], { historyInfo: true });
  expect(request.all(H.HistoryInfo)).toEqual(['<sip:bob@example.com>;index=1']);
});

test('for load tests whoever is registered is a user', () => {
  const anybody = [anEndpoint({ aor: 'user1@example.com', contact: 'sip:1' })];
  expect(invite('sip:user1@example.com', { users: 'any' }, {}, anybody)).toEqual(['sip:1']);
  expect(invite('sip:user2@example.com', { users: 'any' }, {}, anybody)).toBe(480);
});

test('a misspelt or malformed option is refused by name', () => {
  expect(() => RoutingConfig.parse({ outbounds: 'allow' })).toThrow(/outbounds/);
  expect(() => RoutingConfig.parse({ outbound: ['*'] })).toThrow(/outbound/);
});
