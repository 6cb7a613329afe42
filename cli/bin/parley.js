#!/usr/bin/env node
// The parley command. It runs on Node 26, which `npm install` brings along as node_modules/.bin/node.
const [major] = process.versions.node.split('.').map(Number);
if (major < 26) {
  console.error(`parley needs Node.js 26 and was started with ${process.versions.node}.`);
  console.error('Run it as `npx parley ...` inside the project, which uses the Node that the project installs.');
  process.exit(70);
}
const { main } = await import('../dist/index.js');
await main(process.argv.slice(2));
