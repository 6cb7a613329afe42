/** An application that knows nothing but the protocol as README.md tells it. Arguments: socket, behaviour; the manifest on standard input. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [path, behaviour] = process.argv.slice(2);
const manifest = readFileSync(0, 'utf8');
const appUri = /appUri="([^"]*)"/.exec(manifest)[1];
let kept = Buffer.alloc(0);

const send = (frame) => {
  const json = Buffer.from(JSON.stringify(frame));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(json.length);
  socket.write(Buffer.concat([head, json]));
};

const handle = {
  hello: () => send({ type: 'authenticate', protocol: 1, application: appUri }),
  welcome: () => send({ type: 'attach', manifest, calls: ['onRequest'] }),
  attached: ({ name }) => console.log(`attached ${name}`),
  refused: ({ code }) => console.log(`refused ${code}`),
  request: ({ transaction, message }) => {
    console.log(`request ${message.method}`);
    if (behaviour === 'proxy') send({ type: 'proxy', transaction, changes: { headers: [['X-Child', ['1']]] } });
  },
  ping: () => send({ type: 'pong' }),
};

let socket;
// The server may not listen yet.
const open = () => {
  socket = connect(path);
  socket.once('error', () => setTimeout(open, 20));
  socket.on('connect', () => socket.removeAllListeners('error').on('error', () => process.exit(1)));
  socket.on('data', read);
};
const read = (chunk) => {
  kept = Buffer.concat([kept, chunk]);
  while (kept.length >= 4 && kept.length >= 4 + kept.readUInt32BE(0)) {
    const end = 4 + kept.readUInt32BE(0);
    const frame = JSON.parse(kept.subarray(4, end).toString('utf8'));
    kept = kept.subarray(end);
    handle[frame.type]?.(frame);
  }
};
open();
