/** A server with external applications, alice and bob who are registered, and applications that are clients of the SDK or processes. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { attach } from '@parley/sdk/application';
import type { Application, AttachOptions } from '@parley/sdk/application';
import { testServer } from '@parley/sdk/testkit';
import type { Endpoint, TestServer, TestServerOptions } from '@parley/sdk/testkit';
import externalApplications from '../src/plugin.ts';

export const APP_URI = 'http://example.com/apps/Guard';

/** A manifest for the application that the servers register. @param elements filters instead of "no responses" */
export function manifest(script: string, elements = '<r:responseFilter reasonCodes="NONE"/>', appUri = APP_URI): string {
  return `<?xml version="1.0"?>
<r:applicationManifest r:appUri="${appUri}" xmlns:r="http://schemas.microsoft.com/lcs/2006/05">${elements}<r:splScript><![CDATA[
${script}
]]></r:splScript></r:applicationManifest>`;
}

/** What a server is made with. */
export interface Settings {
  /** `applications.guard` of the plugin, besides its uri. */
  readonly guard?: Record<string, unknown>;
  /** Anything else of the plugin. */
  readonly plugin?: Record<string, unknown>;
  /** Plugins beside it. */
  readonly others?: TestServerOptions['plugins'];
}

/** A running server. */
export interface Served {
  readonly server: TestServer;
  /** Where applications connect. */
  readonly socket: string;
  readonly alice: Endpoint;
  readonly bob: Endpoint;
}

/** An empty folder that goes with the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'parley-apps-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Starts everything. */
export async function serving({ guard = {}, plugin = {}, others = [] }: Settings = {}): Promise<Served> {
  const applications = { guard: { uri: APP_URI, priority: 400, ...guard } };
  const server = await testServer({
    plugins: [...others, externalApplications({ applications, ...plugin }), directory(), registrar(), routing()],
    users: ['alice', 'bob'],
    log: 'debug',
  });
  onTestFinished(() => server.close());
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  return { server, socket: server.file('applications.sock'), alice, bob };
}

/** Waits until the server has logged a line with this in it. */
export async function logged(server: TestServer, part: string): Promise<void> {
  expect(await server.until(() => server.log.find(({ msg }) => String(msg).includes(part))), part).toBeDefined();
}

/** An application that is a client in this process. */
export async function attached(
  { socket }: Pick<Served, 'socket'>,
  script: string,
  options: Partial<AttachOptions> & { readonly elements?: string } = {},
): Promise<Application> {
  const { elements, ...others } = options;
  const application = await attach({
    socket,
    manifest: manifest(script, elements),
    handlers: {},
    reconnect: false,
    onError: () => undefined,
    ...others,
  });
  onTestFinished(() => application.close());
  return application;
}

/** A process of its own that speaks the protocol without the SDK; see child.mjs. */
export class Child {
  private text = '';
  private waiting: (() => void)[] = [];

  private constructor(readonly process: ChildProcess) {
    process.stdout?.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
      for (const wake of this.waiting.splice(0)) wake();
    });
    onTestFinished(() => void process.kill('SIGKILL'));
  }

  /** @param behaviour `hold`: decide nothing; `proxy`: send everything on */
  static start(socket: string, text: string, behaviour: 'hold' | 'proxy'): Child {
    const file = fileURLToPath(new URL('child.mjs', import.meta.url));
    const child = spawn(process.execPath, [file, socket, behaviour], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin?.end(text);
    return new Child(child);
  }

  /** Waits for a line that the child prints. */
  async said(part: string): Promise<void> {
    while (!this.text.includes(part)) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Ends it as a crash does, and waits until it is gone. */
  async kill(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
  }
}
