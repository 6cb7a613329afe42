// Memory of an idle TLS connection, and new connections a second: the server on one core, the clients on another.
//   node core/bench/transport-idle.mjs [connections] [TLS|TCP]     (build core first: tsc -b core)
// Each client shakes hands, sends one OPTIONS, takes the 200 and stays. Prints one line of JSON. With PARLEY_DIST another build is measured.
import { execFileSync, fork } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';

const [connections = '5000', transport = 'TLS'] = process.argv.slice(2);
const dist = process.env.PARLEY_DIST ?? new URL('../dist/', import.meta.url).pathname;

process.on('disconnect', () => process.exit());
if (process.env.PARLEY_BENCH === 'server') await serve();
else if (process.env.PARLEY_BENCH === 'load') load();
else coordinate();

function coordinate() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const cert = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'], {
    stdio: 'ignore',
  });
  const server = child('server', '0', { CERT: cert, KEY: key }, ['--expose-gc', ...(process.env.PARLEY_PROFILE?.split(' ') ?? [])]);
  server.once('message', ({ port }) => {
    const client = child('load', '1', { PORT: String(port) }, []);
    client.once('message', ({ seconds }) => {
      server.send('report');
      server.once('message', (report) => {
        const perSecond = Math.round(Number(connections) / seconds);
        console.log(JSON.stringify({ transport, connections: Number(connections), newPerSecond: perSecond, ...report }));
        server.once('exit', () => process.exit());
      });
    });
  });
}

function child(role, core, env, execArgv) {
  const process_ = fork(process.argv[1], process.argv.slice(2), { execArgv, env: { ...process.env, ...env, PARLEY_BENCH: role } });
  execFileSync('taskset', ['-a', '-p', '-c', core, String(process_.pid)], { stdio: 'ignore' });
  return process_;
}

async function serve() {
  const { TransportLayer } = await import(join(dist, 'transport/index.js'));
  const { SystemClock } = await import(join(dist, 'clock/index.js'));
  const { SipResponse } = await import(join(dist, 'sip/index.js'));
  const quiet = () => {};
  const limits = { connectionTimerMs: 0, maxConnections: 100_000, maxConnectionsPerAddress: 100_000 };
  const layer = new TransportLayer({
    clock: new SystemClock(),
    log: { debug: quiet, info: quiet, warn: console.error, error: console.error },
    limits,
  });
  layer.onMessage = ({ message, flow }) => layer.send(SipResponse.reply(message, 200), flow);
  const tls = { certificate: readFileSync(process.env.CERT), key: readFileSync(process.env.KEY) };
  const listener = await layer.listen({ transport, host: '127.0.0.1', port: 0, ...(transport === 'TLS' ? { tls } : {}) });
  globalThis.gc();
  const before = process.memoryUsage();
  const cpu = process.cpuUsage();
  process.on('message', () => {
    const { user, system } = process.cpuUsage(cpu);
    globalThis.gc();
    setTimeout(() => {
      globalThis.gc();
      const after = process.memoryUsage();
      const each = (bytes) => +(bytes / 1024 / Number(connections)).toFixed(1);
      process.send(
        {
          open: layer.stats().connections,
          rssKbEach: each(after.rss - before.rss),
          heapKbEach: each(after.heapUsed - before.heapUsed),
          cpuMsEach: +((user + system) / 1000 / Number(connections)).toFixed(2),
        },
        () => process.exit(),
      );
    }, 500);
  });
  process.send({ port: listener.address.port });
}

function load() {
  const port = Number(process.env.PORT);
  const kept = [];
  const start = performance.now();
  let ready = 0;
  const one = () => {
    const n = kept.length;
    if (n === Number(connections)) return;
    const socket =
      transport === 'TLS' ? connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }) : connectTcp({ host: '127.0.0.1', port });
    kept.push(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      one();
      if (++ready === Number(connections)) process.send({ seconds: (performance.now() - start) / 1000 });
    });
    socket.on('data', () => {});
    socket.write(
      `OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/${transport} 127.0.0.1:5999;branch=z9hG4bK${n}\r\nMax-Forwards: 70\r\nFrom: <sip:b@example.com>;tag=${n}\r\n` +
        `To: <sip:example.com>\r\nCall-ID: ${n}@bench\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`,
    );
  };
  for (let i = 0; i < 32; i++) one();
}
