/** Runs scenario files against a server for tests. */
import { ParleyError, newBranch } from '@parley/core';
import type { SipMessage } from '@parley/core';
import { mismatch } from '../agent/match.ts';
import { TestkitErrors } from '../errors.ts';
import { seededRandom } from '../network/faults.ts';
import type { TestServer } from '../server.ts';
import { Actor } from './actor.ts';
import { difference, takeApart } from './compare.ts';
import { Placeholders } from './placeholders.ts';
import { readScenario } from './syntax.ts';
import type { Declaration, Step } from './syntax.ts';

type Conversing = Extract<Step, { kind: 'sends' | 'receives' }>;

/**
 * Runs a scenario from its text. Users that its endpoints belong to are added when they are missing and a plugin keeps users.
 * Throws TESTKIT_SCENARIO_SYNTAX before anything runs, and TESTKIT_SCENARIO_STEP with the line of the step that failed.
 */
export async function runScenario(server: TestServer, text: string): Promise<void> {
  const { declarations, steps } = readScenario(text);
  const run = new ScenarioRun(server);
  await run.prepare(declarations);
  for (const step of steps) await run.step(step);
  await server.settle();
}

class ScenarioRun {
  private readonly actors = new Map<string, Actor>();
  private readonly placeholders: Placeholders;
  /** Whose message is written or read. */
  private acting: Actor | undefined = undefined;

  constructor(private readonly server: TestServer) {
    this.placeholders = new Placeholders((name) => this.known(name), seededRandom(1));
  }

  async prepare(declarations: readonly Declaration[]): Promise<void> {
    await this.server.addMissingUsers(
      ...declarations.filter(({ kind }) => kind !== 'peer').map(({ name, options }) => options.user ?? name),
    );
    for (const { kind, name, options, registers, line } of declarations) {
      if (kind === 'user') continue;
      try {
        const endpoint = kind === 'peer' ? await this.server.peer(name, options) : this.server.endpoint(name, options);
        this.actors.set(name, new Actor(endpoint));
        if (registers) await endpoint.register();
      } catch (error) {
        throw this.failed(line, error);
      }
    }
  }

  async step(step: Step): Promise<void> {
    try {
      if (step.kind === 'after') await this.server.advance(step.ms);
      else await this.act(step);
    } catch (error) {
      throw this.failed(step.line, error);
    }
  }

  private async act(step: Exclude<Step, { kind: 'after' }>): Promise<void> {
    const actor = this.actors.get(step.name);
    if (actor === undefined) throw new Error(`there is no endpoint ${step.name}; declare it: [endpoint] ${step.name}`);
    this.acting = actor;
    const { endpoint } = actor;
    switch (step.kind) {
      case 'disconnects':
        return endpoint.disconnect();
      case 'registers':
        return void (await endpoint.register());
      case 'unregisters':
        return endpoint.unregister();
      case 'sends':
        return this.send(actor, step);
      case 'receives':
        return step.words[0] === 'nothing' ? endpoint.expectNothing(step.words[1]) : this.receive(actor, step);
    }
  }

  private async send(actor: Actor, step: Conversing): Promise<void> {
    // Where an endpoint is seen is known only once it is connected, and its messages may say it.
    await actor.endpoint.station.flow();
    const { literal, words, body } = step;
    await actor.send({
      ...step,
      literal: literal === undefined ? undefined : this.placeholders.fill(literal),
      words: words.map((word) => this.placeholders.fill(word)),
      body: body === undefined ? undefined : this.placeholders.fill(body),
    });
  }

  private async receive(actor: Actor, step: Conversing): Promise<void> {
    const message = await actor.receive({ ...step, words: step.words.map((word) => this.placeholders.fill(word)) });
    const why = this.why(message, step);
    if (why !== undefined) throw new Error(`${step.name} got one, but ${why}`);
  }

  private why(message: SipMessage, { literal, words, body }: Conversing): string | undefined {
    if (literal !== undefined) return difference(takeApart(literal), message, this.placeholders);
    const uri = message.isRequest ? words[1] : undefined;
    if (uri !== undefined && !this.placeholders.matches(uri, (message as { readonly uri?: string }).uri ?? ''))
      return mismatch(message, { uri });
    return body === undefined || body === 'sdp' ? undefined : mismatch(message, { body: this.placeholders.fill(body) });
  }

  /** `domain`, `fqdn`; `via`, `contact`, `address`, `host`, `port`, `epid` of the one who acts; `alice contact` of another. */
  private known(name: string): string | undefined {
    if (name === 'domain') return this.server.domain;
    if (name === 'fqdn') return this.server.fqdn;
    if (name === 'nl') return '\n';
    const [, who, what] = /^(\S+)\s+(via|contact|address|host|port|epid)$/.exec(name) ?? [];
    const actor = who === undefined ? this.acting : this.actors.get(who);
    return actor === undefined ? undefined : factOf(actor, what ?? name);
  }

  private failed(line: number, error: unknown): ParleyError {
    if (!(error instanceof Error))
      return TestkitErrors.TESTKIT_SCENARIO_STEP({ line, problem: String(error), ladder: this.server.ladder() });
    const [problem = ''] = error.message.split('\n\n', error instanceof ParleyError ? 1 : undefined);
    return TestkitErrors.TESTKIT_SCENARIO_STEP(
      { line, problem: problem === '' ? error.message : problem, ladder: this.server.ladder() },
      { cause: error },
    );
  }
}

function factOf({ endpoint }: Actor, what: string): string | undefined {
  switch (what) {
    case 'via':
      return `SIP/2.0/${endpoint.transport} ${endpoint.address};branch=${newBranch()}`;
    case 'contact':
      return endpoint.contact;
    case 'address':
      return endpoint.address;
    case 'host':
      return endpoint.address.split(':')[0];
    case 'port':
      return endpoint.address.split(':')[1];
    case 'epid':
      return endpoint.epid;
    default:
      return undefined;
  }
}
