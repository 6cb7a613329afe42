/** What presence has answered outlives a kill: a hundred endpoints publish, one watches them all. */
import { expect, test } from 'vitest';
import { StreamPeer, ask } from './peer.ts';
import { OPEN_PRESENCE } from './presence/plugins.ts';
import { ParleyServer, eventually } from './server.ts';
import { status, unique } from './wire.ts';

test.each([500, 4000])(
  'kill -9 after %i of 10,000 publishes from 100 endpoints: every answered one is there, versions never go back, watchers saw nothing else',
  async (killAfter) => {
    const server = await ParleyServer.start({ plugins: OPEN_PRESENCE, logLevel: 'warn' });
    const peers: StreamPeer[] = [];
    try {
      const users = Array.from({ length: 100 }, (_, i) => `user${i}`);
      const rows = ['uri,display', ...users.map((user) => `sip:${user}@${server.domain},${user}`)];
      const imported = await server.cli(['user', 'import', '-'], rows.join('\n'));
      expect(imported.code, imported.output).toBe(0);
      const sent = new Map<string, number>();
      const answered = new Map<string, number>();
      let all = 0;
      const publish = async (peer: StreamPeer, user: string, version: number): Promise<boolean> => {
        const body =
          `<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="sip:${user}@${server.domain}">` +
          `<publication categoryName="note" instance="0" container="200" version="${version}" expireType="static"><note xmlns="http://schemas.microsoft.com/2006/09/sip/note"><body type="personal" uri="">${user} ${version + 1}.</body></note></publication></publications></publish>`;
        const aor = `<sip:${user}@${server.domain}>`;
        sent.set(user, version + 1);
        const request = { method: 'SERVICE', uri: `sip:${user}@${server.domain}`, to: aor, from: `${aor};tag=${unique()}`, body };
        const answer = await ask(peer, { ...request, headers: ['Content-Type: application/msrtc-category-publish+xml'] }, 60_000);
        peer.inbox.clear();
        if (status(answer) !== 200) return false;
        answered.set(user, version + 1);
        all++;
        return true;
      };
      const watcher = await StreamPeer.tcp(server.tcp);
      peers.push(watcher);
      const told = watchAll(watcher, server.domain, users);
      const begun = Date.now();
      for (const user of users) {
        const peer = await StreamPeer.tcp(server.tcp);
        peers.push(peer);
        void (async () => {
          for (let version = 0; version < 100; version++) if (!(await publish(peer, user, version))) return;
        })().catch(() => undefined); // those that the kill cuts off
      }
      await eventually(`${killAfter} publishes`, () => all >= killAfter, 120_000);
      const seconds = (Date.now() - begun) / 1000;
      await server.kill();
      const kept = new Map(answered);
      for (const peer of peers) peer.close();
      console.log(`${all} publishes answered in ${seconds.toFixed(1)} s, ${told.length} notes told`);
      await server.launch();
      const listed = await server.cli(['presence', 'category', 'note', '--json']);
      expect(listed.code, listed.output).toBe(0);
      const notes = new Map(
        (JSON.parse(listed.output) as { user: string; version: number }[]).map(({ user, version }) => [user.split('@')[0], version]),
      );
      for (const user of users) {
        expect(notes.get(user) ?? 0, user).toBeGreaterThanOrEqual(kept.get(user) ?? 0);
        expect(notes.get(user) ?? 0, user).toBeLessThanOrEqual(sent.get(user) ?? 0);
      }
      const latest = new Map<string, number>();
      for (const text of told) {
        const [user = '', version = ''] = text.split(' ');
        expect(Number(version), `${text} was published`).toBeLessThanOrEqual(sent.get(user) ?? 0);
        expect(Number(version), `${text} was on the disk before it was told`).toBeLessThanOrEqual(notes.get(user) ?? 0);
        expect(Number(version), `${text} came in its order`).toBeGreaterThan(latest.get(user) ?? 0);
        latest.set(user, Number(version));
      }
      expect(told.length).toBeGreaterThan(0);
    } finally {
      for (const peer of peers) peer.close();
      await server.stop();
    }
  },
);

/** Subscribes to everybody; gives the notes that come, as they come. */
function watchAll(peer: StreamPeer, domain: string, users: readonly string[]): readonly string[] {
  const told: string[] = [];
  peer.onMessage = ({ body }) => {
    for (const [, text = ''] of body.toString('utf8').matchAll(/>(user\d+ \d+)\.</g)) told.push(text);
    peer.inbox.clear();
  };
  const resources = users.slice(1).map((user) => `<resource uri="sip:${user}@${domain}"/>`);
  const body = `<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="sip:user0@${domain}" name=""><action name="subscribe" id="1"><adhocList>${resources.join('')}</adhocList><categoryList xmlns="http://schemas.microsoft.com/2006/09/sip/categorylist"><category name="note"/></categoryList></action></batchSub>`;
  const aor = `sip:user0@${domain}`;
  const head = [
    `SUBSCRIBE ${aor} SIP/2.0`,
    `Via: SIP/2.0/${peer.via};branch=z9hG4bK${unique()}`,
    'Max-Forwards: 70',
    `From: <${aor}>;tag=${unique()}`,
    `To: <${aor}>`,
    `Call-ID: ${unique()}`,
    'CSeq: 1 SUBSCRIBE',
    `Contact: <sip:127.0.0.1:${peer.via.split(':').at(-1) ?? ''};transport=tcp>`,
    'Event: presence',
    'Require: adhoclist, categoryList',
    'Supported: ms-benotify, ms-piggyback-first-notify, com.microsoft.autoextend',
    'Content-Type: application/msrtc-adrl-categorylist+xml',
    `Content-Length: ${body.length}`,
  ];
  peer.send(`${head.join('\r\n')}\r\n\r\n${body}`);
  return told;
}
