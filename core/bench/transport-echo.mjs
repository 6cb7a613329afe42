// Messages a second through the transport floor alone: OPTIONS in, 200 out, the server on one core, the load on another.
//   node core/bench/transport-echo.mjs UDP|TCP|TLS|WS [connections] [window] [seconds]     (build core first: tsc -b core)
// Prints one line of JSON: rate, processor time a message, resident memory. With PARLEY_DIST another build is measured.
import { execFileSync, fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtempSync, readFileSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';

const [transport = 'TCP', connections = '32', window = '8', seconds = '5'] = process.argv.slice(2);
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
  const server = child('server', '0', { CERT: cert, KEY: key });
  server.once('message', ({ port }) => {
    const client = child('load', '1', { PORT: String(port) });
    client.on('message', (message) => {
      if (message === 'warm') server.send('mark');
      else server.send('report', () => server.once('message', (report) => finish(message, report)));
    });
  });

  function finish({ rate }, { cpuMs, rssMb }) {
    const total = rate * Number(seconds);
    console.log(
      JSON.stringify({
        transport,
        connections: Number(connections),
        window: Number(window),
        perSecond: Math.round(rate),
        microsecondsCpu: +((cpuMs * 1000) / total).toFixed(1),
        rssMb,
      }),
    );
    server.once('exit', () => process.exit());
  }
}

function child(role, core, env) {
  const execArgv = process.env.PARLEY_PROFILE && role === 'server' ? process.env.PARLEY_PROFILE.split(' ') : [];
  const process_ = fork(process.argv[1], process.argv.slice(2), { execArgv, env: { ...process.env, ...env, PARLEY_BENCH: role } });
  execFileSync('taskset', ['-a', '-p', '-c', core, String(process_.pid)], { stdio: 'ignore' });
  return process_;
}

async function serve() {
  const { TransportLayer } = await import(join(dist, 'transport/index.js'));
  const { SystemClock } = await import(join(dist, 'clock/index.js'));
  const { SipResponse } = await import(join(dist, 'sip/index.js'));
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: console.error, error: console.error };
  const limits = { connectionTimerMs: 0, maxUnauthenticatedBytes: 0, maxConnectionsPerAddress: 20_000 };
  const layer = new TransportLayer({ clock: new SystemClock(), log, limits });
  layer.onMessage = ({ message, flow }) => layer.send(SipResponse.reply(message, 200), flow);
  const tls = { certificate: readFileSync(process.env.CERT), key: readFileSync(process.env.KEY) };
  const listener = await layer.listen({ transport, host: '127.0.0.1', port: 0, ...(transport === 'TLS' ? { tls } : {}) });
  let mark = process.cpuUsage();
  process.on('message', (what) => {
    if (what === 'mark') mark = process.cpuUsage();
    else {
      const { user, system } = process.cpuUsage(mark);
      process.send({ cpuMs: (user + system) / 1000, rssMb: Math.round(process.memoryUsage.rss() / 1048576) }, () => process.exit());
    }
  });
  process.send({ port: listener.address.port });
}

function load() {
  const port = Number(process.env.PORT);
  let answered = 0;
  for (let i = 0; i < Number(connections); i++) {
    if (transport === 'UDP') overUdp(port, i, () => answered++);
    else overStream(port, i, (n) => (answered += n));
  }
  setTimeout(() => {
    process.send('warm');
    const before = answered;
    setTimeout(() => process.send({ rate: (answered - before) / Number(seconds) }), Number(seconds) * 1000);
  }, 2000);
}

function options(i, n) {
  return Buffer.from(
    `OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/${transport} 127.0.0.1:5999;branch=z9hG4bK${i}.${n};rport\r\nMax-Forwards: 70\r\n` +
      `From: "Bench" <sip:bench${i}@example.com>;tag=${i}\r\nTo: <sip:example.com>\r\nCall-ID: ${i}-${n}@bench.example.com\r\nCSeq: ${n} OPTIONS\r\n` +
      `Contact: <sip:bench${i}@127.0.0.1:5999>\r\nAccept: application/sdp\r\nUser-Agent: parley-bench\r\nContent-Length: 0\r\n\r\n`,
  );
}

function overUdp(port, i, answered) {
  const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) });
  socket.on('message', () => {
    answered();
    socket.send(options(i, 1), port, '127.0.0.1');
  });
  socket.bind(0, '127.0.0.1', () => {
    for (let n = 0; n < Number(window); n++) socket.send(options(i, n), port, '127.0.0.1');
  });
}

function overStream(port, i, answered) {
  const socket =
    transport === 'TLS'
      ? connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
      : connectTcp({ host: '127.0.0.1', port, noDelay: true });
  const one = options(i, 1);
  const batches = Array.from({ length: Number(window) + 1 }, (_, n) => Buffer.concat(Array.from({ length: n }, () => one)));
  socket.once(transport === 'TLS' ? 'secureConnect' : 'connect', () => socket.write(batches[Number(window)]));
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    let n = 0;
    for (let at = chunk.indexOf('SIP/2.0 200'); at >= 0; at = chunk.indexOf('SIP/2.0 200', at + 11)) n++;
    answered(n);
    if (n > 0) socket.write(batches[Math.min(n, Number(window))]);
  });
}
