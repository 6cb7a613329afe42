/** The clients of web services that a test has opened. */
import type { Host } from '@parley/core';
import type { TestUsers } from './users.ts';
import { WebClient, WebPorts, basicCredentials } from './web-client.ts';

/** What they share with the server. */
export interface WebSurroundings {
  readonly fqdn: string;
  readonly domain: string;
  readonly users: TestUsers;
  readonly host: () => Host;
}

export class WebClients {
  private readonly clients: WebClient[] = [];

  constructor(private readonly around: WebSurroundings) {}

  /** @param user whose password it sends, if one is named @throws Error when no plugin provides the HTTPS host */
  open(user: string | undefined): WebClient {
    const { fqdn, domain, users } = this.around;
    this.ports();
    const password = user === undefined ? undefined : users.passwordOf(user);
    const authorization = basicCredentials(`${user}@${domain}`, password ?? '');
    const client = new WebClient(() => this.ports(), fqdn, user === undefined ? {} : { authorization });
    this.clients.push(client);
    return client;
  }

  /** Their connections would keep the server from closing. */
  hangUp(): void {
    for (const client of this.clients) client.hangUp();
  }

  private ports(): WebPorts {
    const ports = this.around.host().find(WebPorts);
    if (ports === undefined) throw new Error(`no plugin of this server provides "${WebPorts.name}"`);
    return ports;
  }
}
