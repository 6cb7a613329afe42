/** Recorded conversations of whole clients, played again without them: captures/two-clients.txt. */
import { readFileSync } from 'node:fs';
import { SipResponse } from '@parley/sdk';
import type { SipRequest } from '@parley/sdk';
import { expect, test } from 'vitest';
import { DOMAIN, serving } from './server.ts';
import type { Client, Served } from './server.ts';

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

  constructor(
    private readonly client: Client,
    private readonly served: Served,
  ) {}

  send(text: string): void {
    const end = text.indexOf('\n\n');
    const body = Buffer.from(text.slice(end + 2).trimEnd());
    let head = text.slice(0, end).replace(/^Content-Length: \d+$/m, `Content-Length: ${body.length}`);
    for (const [recorded, tag] of this.tags) head = head.replaceAll(`tag=${recorded}`, `tag=${tag}`);
    this.client.socket.write(Buffer.concat([Buffer.from(`${head.replaceAll('\n', '\r\n')}\r\n\r\n`), body]));
  }

  async isAnswered(what: string): Promise<void> {
    const [, status = '', cseq, recorded = '', call = ''] = /^is answered (\d+) (.+) tag (\S+) call (\S+)$/.exec(what) ?? [];
    const response = await this.client.response(call);
    expect([response.status, `${response.cseq.number} ${response.cseq.method}`]).toEqual([Number(status), cseq]);
    this.tags.set(recorded, response.to.tag ?? '');
    this.learn(response);
  }

  /** Takes what has come, after the time that notifications may wait. */
  async listen(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      this.served.clock.advance(1100);
      await this.client.ask('OPTIONS', DOMAIN);
    }
    for (const request of this.client.requests.splice(0)) this.learn(request);
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

  private learn(message: SipRequest | SipResponse): void {
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
  const served = await serving();
  const players = new Map([
    ['alice', new Player(await served.client('alice', 'b34afb6ebb23'), served)],
    ['bob', new Player(await served.client('bob', '3a80af3fa2d9'), served)],
  ]);
  const acts = readActs('two-clients.txt');
  expect(acts).toHaveLength(10);
  for (const { name, blocks } of acts) {
    let listened = false;
    for (const { who, what, text } of blocks) {
      const player = players.get(who);
      if (player === undefined) throw new Error(`${name}: nobody is called ${who}`);
      if (what === 'sends') player.send(text);
      else if (what.startsWith('is answered ')) await player.isAnswered(what);
      else {
        if (!listened) for (const one of players.values()) await one.listen();
        listened = true;
        if (what.startsWith('is asked by ')) player.isAskedBy(what.slice('is asked by '.length));
        else player.sees(what);
      }
    }
  }
});
