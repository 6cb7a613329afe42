/**
 * What a REGISTER costs the registrar on one core, and what a registered contact costs in memory. Build first, then pin it:
 *   npx tsc -b plugins/registrar && taskset -c 0 node_modules/.bin/node --expose-gc plugins/registrar/bench/register.mjs [CPU seconds a case] [contacts]
 * Requests are parsed outside the measured time; the answer is made as a message, but not sent.
 */
import { DEFAULT_LIMITS, SipResponse, SipUri, TimerWheel, checkRequest, migrate, parseMessage, temporaryStore } from '@parley/sdk';
import { applyRegister } from '../dist/apply-register.js';
import { migrations } from '../dist/binding-row.js';
import { Bindings } from '../dist/bindings.js';
import { RegistrarConfig } from '../dist/config.js';
import { Registrar } from '../dist/registrar.js';

const SECONDS = Number(process.argv[2] ?? 2);
const CONTACTS = Number(process.argv[3] ?? 100_000);
const USERS = 2_000;

const LISTENER = { transport: 'UDP', address: { host: '0.0.0.0', port: 5060 } };
const log = { info() {}, warn: console.warn, error: console.error };

function advance(clock, ms) {
  clock.time += ms;
  clock.timers.advanceTo(clock.time);
}

function flowTo(port) {
  return { id: 0, transport: 'UDP', reliable: false, trusted: false, open: true, listener: LISTENER, remote: { host: '192.0.2.50', port } };
}

async function aRegistrar(store) {
  const config = RegistrarConfig.parse({ users: 'any', requireAuthentication: false, persist: store !== undefined });
  const clock = { time: 1e12, now: () => clock.time, timers: new TimerWheel(1e12) };
  const transport = { listeners: [LISTENER], udpFlow: (_from, remote) => ({ listener: LISTENER, remote }), onFlowClosed: () => () => {} };
  const bindings = new Bindings(config, transport, clock, { publish() {} }, store, log, { mode: 'serve' });
  const server = { fqdn: 'uc.example.com', isLocalDomain: (domain) => domain === 'example.com' };
  await bindings.start();
  return { clock, bindings, registrar: new Registrar(bindings, config, server, clock, undefined) };
}

function plain(user, cseq) {
  return [
    'REGISTER sip:example.com SIP/2.0',
    `Via: SIP/2.0/UDP 192.0.2.50:${10_000 + (user % 50_000)};branch=z9hG4bK${user}.${cseq}`,
    `From: <sip:user${user}@example.com>;tag=9fxced76sl${user}`,
    `To: <sip:user${user}@example.com>`,
    `Call-ID: 384827629822018851${user}@192.0.2.50`,
    `CSeq: ${cseq} REGISTER`,
    'Max-Forwards: 70',
    `Contact: <sip:user${user}@192.0.2.50:${10_000 + (user % 50_000)}>`,
    'Expires: 3600',
    'User-Agent: Example Softphone/4.2.1 (linux-x86_64)',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

function communicator(user, cseq) {
  return plain(user, cseq)
    .replace(/From: .*\r\n/, `From: <sip:user${user}@example.com>;tag=1${user};epid=a1b2c3d4e5f6\r\n`)
    .replace(
      /Contact: .*\r\n/,
      'Contact: <sip:192.0.2.50:50123;transport=udp;ms-opaque=d3470f2e1d>;methods="INVITE, MESSAGE, INFO, SUBSCRIBE, OPTIONS, BYE, CANCEL, NOTIFY, ACK, REFER, BENOTIFY";+sip.instance="<urn:uuid:2f7e7723-96e4-544e-8b98-cf482b8cefb8>"\r\n' +
        'Supported: gruu-10, adhoclist, msrtc-event-categories, com.microsoft.msrtc.presence\r\nEvent: registration\r\n',
    );
}

function parse(text) {
  const { message } = parseMessage(Buffer.from(text, 'latin1'), DEFAULT_LIMITS);
  checkRequest(message);
  return message;
}

function contextOf(request, port) {
  return {
    request,
    flow: flowTo(port),
    identity: undefined,
    respond(status, headers) {
      const response = SipResponse.reply(request, status);
      for (const name in headers) {
        const values = headers[name];
        if (typeof values === 'string') response.append(name, values);
        else for (const value of values) response.append(name, value);
      }
      if (status !== 200) throw new Error(`answered ${status}`);
      return true;
    },
  };
}

function report(name, micros, count) {
  console.log(
    `${name.padEnd(44)} ${micros.toFixed(2).padStart(7)} us   ${Math.round(1e6 / micros)
      .toLocaleString('en')
      .padStart(9)} /s   (${count})`,
  );
}

async function refreshes(name, write) {
  const store = temporaryStore();
  await migrate(store, 'registrar', migrations, 0);
  const { registrar, clock, bindings } = await aRegistrar(store);
  let cseq = 1;
  const round = () => {
    const contexts = [];
    for (let user = 0; user < USERS; user++) contexts.push(contextOf(parse(write(user, cseq)), 10_000 + (user % 50_000)));
    cseq++;
    const begin = process.cpuUsage();
    for (const context of contexts) registrar.onRegister(context);
    const used = process.cpuUsage(begin);
    advance(clock, 100);
    return used.user + used.system;
  };
  for (let i = 0; i < 20; i++) round();
  let spent = 0;
  let count = 0;
  while (spent < SECONDS * 1e6) {
    spent += round();
    count += USERS;
    await new Promise(setImmediate);
  }
  report(name, spent / count, count);
  await bindings.stop();
  await store.close();
}

/** The yardstick: what the message costs before the registrar sees it, on the same machine at the same moment. */
function parsing(name, write) {
  let count = 0;
  let spent = 0;
  while (spent < SECONDS * 1e6) {
    const texts = Array.from({ length: USERS }, (_, user) => Buffer.from(write(user, count + 1), 'latin1'));
    const begin = process.cpuUsage();
    for (const text of texts) {
      const { message } = parseMessage(text, DEFAULT_LIMITS);
      if (checkRequest(message) !== undefined) throw new Error('not a good request');
    }
    const used = process.cpuUsage(begin);
    count += USERS;
    if (count > 20 * USERS) spent += used.user + used.system;
  }
  report(name, spent / (count - 20 * USERS), count);
}

function decisions() {
  const policy = { defaultExpires: 3600, minExpires: 60, maxExpires: 7200, maxContacts: 10, whenFull: 'refuse' };
  const contact = 'sip:alice@192.0.2.50:5060';
  const held = [{ contact, callId: 'a', cseq: 1, expiresAt: 1e12, registeredAt: 0, instance: '', regId: 0, epid: '', lost: false }];
  const asked = [{ contact: contact.slice(), expires: undefined, instance: '', regId: 0 }];
  const request = { aor: 'alice@example.com', callId: 'a', cseq: 2, expires: 600, epid: '', star: false, contacts: asked };
  const sameUri = (a, b) => SipUri.parse(a).equals(SipUri.parse(b));
  let count = 0;
  const run = (times) => {
    for (let i = 0; i < times; i++) if (applyRegister(held, request, policy, 1e11, sameUri).length === 1) count++;
  };
  run(100_000);
  count = 0;
  const begin = process.cpuUsage();
  const end = Date.now() + SECONDS * 1000;
  while (Date.now() < end) run(10_000);
  const used = process.cpuUsage(begin);
  report('decision alone (applyRegister)', (used.user + used.system) / count, count);
}

async function memory(store) {
  const { registrar, bindings, clock } = await aRegistrar(store);
  const warm = contextOf(parse(plain(999_999_999, 1)), 1);
  registrar.onRegister(warm);
  globalThis.gc();
  const before = process.memoryUsage();
  for (let user = 0; user < CONTACTS; user++) {
    registrar.onRegister(contextOf(parse(plain(user, 1)), 10_000 + (user % 50_000)));
    if (user % 1000 === 999) {
      advance(clock, 20);
      await new Promise(setImmediate);
    }
  }
  await bindings.journal?.flush();
  globalThis.gc();
  const after = process.memoryUsage();
  const heap = (after.heapUsed + after.external - before.heapUsed - before.external) / CONTACTS;
  const rss = (after.rss - before.rss) / CONTACTS;
  console.log(
    `${CONTACTS.toLocaleString('en')} contacts over UDP${store ? ', written to SQLite' : ''}: ${Math.round(heap)} bytes of heap, ${Math.round(rss)} of resident memory each`,
  );
  await bindings.stop();
}

decisions();
parsing('parse and check, plain phone', plain);
parsing('parse and check, Communicator', communicator);
await refreshes('refresh of a plain phone (onRegister)', plain);
await refreshes('refresh of a Communicator (onRegister)', communicator);
await memory(undefined);
const store = temporaryStore();
await migrate(store, 'registrar', migrations, 0);
await memory(store);
await store.close();
