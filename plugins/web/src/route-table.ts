/** Routes that come and go with the plugins that want them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebApp } from './api.ts';
import { WebErrors } from './errors.ts';

type Register = (app: WebApp) => void | Promise<void>;

/**
 * Fastify takes no routes once it answers requests, so each change makes a new instance from everything that is registered, and requests
 * go to it once it is ready. What the old one was asked, it still answers.
 */
export class RouteTable {
  private app: WebApp;
  private registered: readonly Register[] = [];
  /** Changes wait for each other. */
  private turn: Promise<unknown> = Promise.resolve();

  /** @param newApp makes an instance without routes */
  constructor(private readonly newApp: () => WebApp) {
    this.app = newApp();
  }

  /** The instance must be made ready once before the first request. */
  async start(): Promise<void> {
    await this.app.ready();
  }

  /**
   * Adds routes; resolves with what takes them away. Rejects with WEB_ROUTES_REFUSED and changes nothing.
   * @param register may be called again whenever other routes come or go
   */
  async add(register: Register): Promise<() => Promise<void>> {
    await this.change((others) => [...others, register]);
    return () => this.change((all) => all.filter((other) => other !== register));
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.app.routing(request, response);
  }

  async close(): Promise<void> {
    await this.app.close();
  }

  private change(withChange: (registered: readonly Register[]) => readonly Register[]): Promise<void> {
    const turn = this.turn.then(() => this.replace(withChange(this.registered)));
    this.turn = turn.catch(() => undefined); // the one who asked is told; those who wait behind are not concerned
    return turn;
  }

  private async replace(registered: readonly Register[]): Promise<void> {
    const app = this.newApp();
    try {
      for (const register of registered) app.register(async (instance) => register(instance));
      await app.ready();
    } catch (cause) {
      await app.close();
      throw WebErrors.WEB_ROUTES_REFUSED({ reason: (cause as Error).message }, { cause });
    }
    const old = this.app;
    this.app = app;
    this.registered = registered;
    await old.close();
  }
}
