/** What verifying one signed request and signing one answer costs: the gate and the stamp of a server, without a network. */
import { randomBytes } from 'node:crypto';
import { DEFAULT_LIMITS, FakeClock, PASS, datagramKeys, parseMessage } from '@parley/sdk';
import type { Flow, Inbound, SessionKeys, SipMessage, SipRequest, SipResponse } from '@parley/sdk';
import { AssociationTable } from '../../src/association/association-table.ts';
import { AssociationGate } from '../../src/association/gate.ts';
import type { AssociationScheme } from '../../src/association/mechanism.ts';
import { AssociationOutcomes } from '../../src/association/outcomes.ts';
import { AssociationStamp } from '../../src/association/stamp.ts';
import { DATAGRAM_FLAGS } from '../../src/ntlm/flags.ts';
import { DskKeys } from '../../../plugins/auth-tls-dsk/src/session-keys.ts';

const REALM = 'SIP Communications Service';
const TARGET = 'uc.bench.example';
const USER = { id: 'u1', aor: 'alice@bench.example', displayName: 'Alice', enabled: true };
const ACCOUNTS = { findById: () => USER, findByAor: () => USER, findByPhone: () => undefined };
const ROUNDS = 5;

/** Keys of both sides of one association. */
interface Pair {
  readonly scheme: AssociationScheme;
  readonly server: SessionKeys;
  readonly client: SessionKeys;
}

/** Prints microseconds by mechanism as one JSON object. @param count messages of one round */
export function main(count: string): void {
  const figures = Object.fromEntries([ntlm(), dsk()].map((pair) => [pair.scheme, measure(pair, Number(count))]));
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

function ntlm(): Pair {
  const key = randomBytes(16);
  return { scheme: 'NTLM', server: datagramKeys(key, DATAGRAM_FLAGS), client: datagramKeys(key, DATAGRAM_FLAGS, 'client') };
}

function dsk(): Pair {
  const material = randomBytes(128);
  const swapped = Buffer.concat([material.subarray(0, 64), material.subarray(96), material.subarray(64, 96)]);
  return { scheme: 'TLS-DSK', server: new DskKeys(material, 'sha1', ''), client: new DskKeys(swapped, 'sha1', '') };
}

/** The best of a few rounds: others on the machine only ever slow it down. */
function measure(pair: Pair, count: number): number {
  return Math.min(...Array.from({ length: ROUNDS }, () => round(pair, count)));
}

function round({ scheme, server, client }: Pair, count: number): number {
  const flow = { id: 1, authenticated: true, remote: { host: '127.0.0.1', port: 5060 } } as unknown as Flow;
  const table = new AssociationTable();
  const endpoint = { aor: USER.aor, epid: 'b34afb6ebb23', instance: undefined, gruu: undefined };
  const { opaque } = table.establish({ scheme, opaque: '0BADCAFE', flow, endpoint, user: USER, keys: server, version: 4 }, 0);
  const mechanism = { scheme, targetName: TARGET, begin: () => never() };
  const parts = { mechanism, name: 'bench', table, handshakes: { take: () => never() }, accounts: ACCOUNTS, clock: new FakeClock(1) };
  const gate = new AssociationGate({ ...parts, outcomes: new AssociationOutcomes(), fqdn: TARGET });
  const stamp = new AssociationStamp('bench', mechanism);
  const inbound = Array.from(
    { length: count },
    (_, i) => ({ message: request(scheme, client, opaque, i + 1), flow }) as Inbound<SipRequest>,
  );
  const answers = Array.from({ length: count }, (_, i) => answer(i + 1));
  const started = performance.now();
  for (let i = 0; i < count; i++) {
    if (gate.check(inbound[i] as Inbound) !== PASS) throw new Error('a good signature was refused');
    stamp.apply(answers[i] as SipResponse, flow);
  }
  return ((performance.now() - started) * 1000) / count;
}

/** An instant message as a client signs it. */
function request(scheme: string, keys: SessionKeys, opaque: string, cnum: number): SipRequest {
  const buffer = `<${scheme}><1a2b3c4d><${cnum}><${REALM}><${TARGET}><call${cnum}><${cnum}><MESSAGE><sip:${USER.aor}><t1><sip:bob@bench.example><t2><><><>`;
  const credentials = `${scheme} qop="auth", realm="${REALM}", opaque="${opaque}", targetname="${TARGET}", crand="1a2b3c4d", cnum="${cnum}", response="${keys.sign(buffer)}"`;
  const lines = [
    `MESSAGE sip:bob@bench.example SIP/2.0`,
    `Via: SIP/2.0/tls 127.0.0.1:49152;branch=z9hG4bK${cnum}`,
    'Max-Forwards: 70',
    `From: <sip:${USER.aor}>;tag=t1;epid=b34afb6ebb23`,
    'To: <sip:bob@bench.example>;tag=t2;epid=54dd5867e8',
    `Call-ID: call${cnum}`,
    `CSeq: ${cnum} MESSAGE`,
    'User-Agent: UCCAPI/4.0.7577.0 OC/4.0.7577.0 (Microsoft Lync 2010)',
    'Route: <sip:uc.bench.example:5061;transport=tls;lr>',
    'Contact: <sip:alice@bench.example;opaque=user:epid:I3d-L-SWTlSLmM9IK4zvuAAA;gruu>',
    'Content-Type: text/plain; charset=UTF-8',
    `Authorization: ${credentials}`,
    'Content-Length: 5',
  ];
  return parsed(`${lines.join('\r\n')}\r\n\r\nhello`) as SipRequest;
}

/** Its answer, before it is signed. */
function answer(cseq: number): SipResponse {
  const lines = [
    'SIP/2.0 200 OK',
    `Via: SIP/2.0/tls 127.0.0.1:49152;branch=z9hG4bK${cseq}`,
    `From: <sip:${USER.aor}>;tag=t1;epid=b34afb6ebb23`,
    'To: <sip:bob@bench.example>;tag=t2;epid=54dd5867e8',
    `Call-ID: call${cseq}`,
    `CSeq: ${cseq} MESSAGE`,
    'Contact: <sip:bob@bench.example;opaque=user:epid:I3d-L-SWTlSLmM9IK4zvuAAA;gruu>',
    'Content-Length: 0',
  ];
  return parsed(`${lines.join('\r\n')}\r\n\r\n`) as SipResponse;
}

function parsed(text: string): SipMessage {
  const result = parseMessage(Buffer.from(text, 'latin1'), DEFAULT_LIMITS);
  if (!result.ok) throw result.error;
  return result.message;
}

function never(): never {
  throw new Error('no handshake here');
}
