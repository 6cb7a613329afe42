/** What greetings are answered with. */
import { PluginConfig, inject, injectable } from '@parley/sdk';
import type { RequestContext } from '@parley/sdk';

/** Configuration of the plugin, checked. */
export interface GreetingConfig {
  readonly word: string;
}

/** The handler of greeting.am. */
@injectable()
export class Greeter {
  constructor(@inject(PluginConfig) private readonly config: GreetingConfig) {}

  /** A MESSAGE to the user "greeting". */
  onGreeting(tx: Pick<RequestContext, 'respond' | 'request'>): void {
    tx.respond(200, {}, { body: `${this.config.word}, ${tx.request.from.uri.user}`, contentType: 'text/plain' });
  }
}
