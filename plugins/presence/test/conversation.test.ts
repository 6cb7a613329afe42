/** Recorded conversations of whole clients, played again without them: captures/two-clients.txt. */
import { readFileSync } from 'node:fs';
import { SipResponse } from '@parley/sdk';
import type { SipMessage } from '@parley/sdk';
import type { Endpoint, TestServer } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import { client, serving } from './serving.ts';

/** One thing that happens: what was said of it, and the message or nothing. */
interface Block {
  readonly who: string;
  readonly what: string;
  readonly text: string;
}

interface Act {
  readonly name: string;
  readonly blocks: readonly Block[];
}

function readActs(file: string): readonly Act[] {
  const text = readFileSync(new URL(`captures/${file}`, import.meta.url), 'utf8');
  const [, ...acts] = text.split(/^# /m);
  return acts.map((act) => {
    const [head = '', ...blocks] = act.split(/^=== /m);
    return {
      name: head.trim(),
      blocks: blocks.map((block) => {
        const end = block.indexOf('\n');
        const [, who = '', what = ''] = /^(\w+) (.*)$/.exec(block.slice(0, end)) ?? [];
        return { who, what, text: block.slice(end + 1).replace(/\n$/, '') };
      }),
    };
  });
}

/** What a client knows of another. */
interface Known {
  availability: string;
  note: string;
}

/** A client that says what it was recorded to say. */
class Player {
  /** Tags of the recorded server, and what they are now. */
  private readonly tags = new Map<string, string>();
  private readonly known = new Map<string, Known>();
  private readonly askedBy = new Set<string>();
  private learnt = 0;

  constructor(
    private readonly client: Endpoint,
    private readonly server: TestServer,
  ) {}

  send(text: string): Promise<void> {
    let said = text.trimEnd();
    for (const [recorded, tag] of this.tags) said = said.replaceAll(`tag=${recorded}`, `tag=${tag}`);
    return this.client.write(said.includes('\n\n') ? said : `${said}\n\n`);
  }

  async isAnswered(what: string): Promise<void> {
    const [, status = '', cseq = '', recorded = '', call = ''] = /^is answered (\d+) (.+) tag (\S+) call (\S+)$/.exec(what) ?? [];
    const response = await this.server.until(() =>
      this.heard.find(
        (message): message is SipResponse =>
          message instanceof SipResponse && message.callId === call && message.first('CSeq') === cseq && message.status >= 200,
      ),
    );
    expect(response?.status, what).toBe(Number(status));
    this.tags.set(recorded, response?.to.tag ?? '');
  }

  /** Takes everything that has come. */
  listen(): void {
    for (const message of this.heard.slice(this.learnt)) this.learn(message);
    this.learnt = this.heard.length;
  }

  sees(what: string): void {
    const [, of = '', availability, note] = /^sees (\w+)(?: (\d+))?(?: note ?(.*))?$/.exec(what) ?? [];
    const known = this.known.get(of);
    if (availability !== undefined) expect(known?.availability, what).toBe(availability);
    if (note !== undefined) expect(known?.note, what).toBe(note);
  }

  isAskedBy(who: string): void {
    expect([...this.askedBy]).toContain(who);
  }

  private get heard(): readonly SipMessage[] {
    return this.server.messages.flatMap(({ to, message }) => (to === this.client.name && message !== undefined ? [message] : []));
  }

  private learn(message: SipMessage): void {
    const text = message.body.toString('utf8');
    for (const [, who = ''] of text.matchAll(/<subscriber user="([^"]+)"/g)) this.askedBy.add(who);
    // One's own data is of the same form.
    if (text.includes('<roamingData')) return;
    for (const [document, of = ''] of text.matchAll(/<categories [^>]*uri="sip:(\w+)@[\s\S]*?<\/categories>/g)) {
      const known = this.known.get(of) ?? { availability: '', note: '' };
      const availability = /<availability>(\d+)</.exec(document)?.[1];
      if (availability !== undefined) known.availability = availability;
      if (document.includes('name="note"')) known.note = /<body[^>]*>([\s\S]*?)<\/body>/.exec(document)?.[1] ?? '';
      this.known.set(of, known);
    }
  }
}

test('two recorded clients sign in, add each other, change, write, block, unblock and sign out, and see what they saw', async () => {
  await using server = await serving();
  const players = new Map([
    ['alice', new Player(client(server, 'alice', 'b34afb6ebb23'), server)],
    ['bob', new Player(client(server, 'bob', '3a80af3fa2d9'), server)],
  ]);
  const acts = readActs('two-clients.txt');
  expect(acts).toHaveLength(10);
  for (const { name, blocks } of acts) {
    for (const { who, what, text } of blocks) {
      const player = players.get(who);
      if (player === undefined) throw new Error(`${name}: nobody is called ${who}`);
      if (what === 'sends') await player.send(text);
      else if (what.startsWith('is answered ')) await player.isAnswered(what);
      else {
        await server.advance('2.2s'); // as long as notifications may wait
        player.listen();
        if (what.startsWith('is asked by ')) player.isAskedBy(what.slice('is asked by '.length));
        else player.sees(what);
      }
    }
  }
});
