import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { checkConfig, openLog, startServer } from '@parley/core';
import type { Host } from '@parley/core';
import { CATALOGUE } from '../../cli/src/plugins/catalogue.ts';
import { PRESETS } from '../../cli/src/plugins/presets.ts';
import { withRequirements } from '../../cli/src/plugins/requirements.ts';
import { randomKerberosKey, writeKeytab } from '@parley/sdk/testkit';

const ROOT = join(import.meta.dirname, '../..');
const LOOPBACK = { host: '127.0.0.1', port: 0 };
/** Ports of their own, and what a plugin cannot do without. */
const SETTINGS: Readonly<Record<string, object>> = { metrics: { port: 0 }, web: LOOPBACK };
const SUBSETS = 10;
/** Composes the same subsets again: PARLEY_SEED=12345 npm test -- tools/test/composition. */
const SEED = Number(process.env['PARLEY_SEED'] ?? Date.now() % 1_000_000);

/** Pseudo-random numbers in 0..1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Lines of the log at this level or above end up in `lines`. */
function logInto(lines: string[]): ReturnType<typeof openLog> {
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return openLog({ level: 'error', output });
}

interface Outcome {
  readonly answer: string;
  readonly errors: readonly string[];
}

/** Boots these plugins with what they need on loopback ports, asks OPTIONS over UDP, and closes the server. */
async function live(names: readonly string[]): Promise<Outcome> {
  const { plugins, missing } = withRequirements(names, CATALOGUE);
  expect(missing).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'parley-composed-'));
  const errors: string[] = [];
  try {
    mkdirSync(join(folder, 'data'), { mode: 0o700 });
    writeFileSync(join(folder, 'data/parley.keytab'), writeKeytab({ principal: 'sip/uc.example.com', key: randomKerberosKey() }), {
      mode: 0o600,
    });
    const certified = plugins.some(({ name }) => name === 'pki');
    const config = await checkConfig({
      domains: ['example.com'],
      fqdn: 'uc.example.com',
      dataDir: join(folder, 'data'),
      listen: ['udp', 'tcp', ...(certified ? ['tls'] : [])].map((transport) => ({ transport, ...LOOPBACK })),
      plugins: plugins.map(({ name }) => ({ plugin: join(ROOT, 'plugins', name), config: SETTINGS[name] ?? {} })),
    });
    const host = await startServer(config, { logger: logInto(errors) });
    try {
      return { answer: await options(host), errors };
    } finally {
      await host.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The status line that OPTIONS for the server itself is answered with. */
async function options(host: Host): Promise<string> {
  const { listeners } = host.reports.status();
  const port = Number(/:(\d+)$/.exec(String(Object.values(listeners ?? {})[0]))?.[1]);
  const socket = createSocket('udp4');
  try {
    socket.bind(LOOPBACK);
    await once(socket, 'listening');
    const lines = [
      'OPTIONS sip:example.com SIP/2.0',
      `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=z9hG4bK-composition`,
      'From: <sip:monitor@example.net>;tag=1',
      'To: <sip:example.com>',
      'Call-ID: composition',
      'CSeq: 1 OPTIONS',
      'Max-Forwards: 70',
      'Content-Length: 0',
    ];
    const answered = once(socket, 'message') as Promise<[Buffer]>;
    socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, '127.0.0.1');
    const [message] = await answered;
    return message.toString().split('\r\n', 1)[0] ?? '';
  } finally {
    socket.close();
  }
}

/** Sockets and timers of this process, as far as servers would leave any. */
function open(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCPServer|UDP|FSEvent|Pipe.*Server/.test(name))
    .toSorted();
}

/** Whoever asks is answered: with what the server takes, or with the question who asks where plugins sign people in. */
async function expectLife(names: readonly string[]): Promise<void> {
  const before = open();
  const { answer, errors } = await live(names);
  const all = withRequirements(names, CATALOGUE).plugins.map(({ name }) => name);
  const status = all.some((name) => name.startsWith('auth-')) ? 401 : all.includes('options') ? 200 : all.includes('routing') ? 405 : 404;
  expect(answer).toMatch(new RegExp(`^SIP/2\\.0 ${status} `));
  expect(errors).toEqual([]);
  expect(open()).toEqual(before);
}

describe('each plugin alone, with what it requires, boots, answers and closes', () => {
  test.each(CATALOGUE.map(({ name }) => name))('%s', async (name) => {
    await expectLife([name]);
  });
});

describe('every preset boots, answers and closes', () => {
  test.each(Object.keys(PRESETS))('%s', async (name) => {
    await expectLife(PRESETS[name as keyof typeof PRESETS].plugins);
  });
});

describe(`random subsets of seed ${SEED} boot, answer and close`, () => {
  const random = randomFrom(SEED);
  const subsets = Array.from({ length: SUBSETS }, (): readonly string[] =>
    CATALOGUE.filter(() => random() < 0.35)
      .map(({ name }) => name)
      .toSorted(() => random() - 0.5),
  );
  test.each(subsets.map((names, i) => [i + 1, names.join(', '), names] as const))('%i: %s', async (_, __, names) => {
    await expectLife(names);
  });
});
