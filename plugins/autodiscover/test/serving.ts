/** A server that is discovered, and clients that ask it. */
import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import { SOAP_NAMESPACES as NS } from '@parley/sdk';
import { GIVEN_CERTIFICATE, testServer } from '@parley/sdk/testkit';
import type { TestServer, TestServerOptions, WebAnswer } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import pki from '@parley/plugin-pki';
import web from '@parley/plugin-web';
import webTicket from '@parley/plugin-web-ticket';
import autodiscover from '../src/plugin.ts';

/** What Lync clients accept. */
const XML = 'application/vnd.microsoft.rtc.autodiscover+xml;v=1';
const INSIDE = 'https://uc.example.com';
const OUTSIDE = 'https://ucext.example.com';

/** How a request differs from a usual one. */
export interface Ask {
  readonly method?: string;
  readonly accept?: string;
  readonly plain?: boolean;
  /** Value of X-MS-WebTicket. */
  readonly ticket?: string;
}

/** With alice and bob; closed when the test is finished. */
export async function serving(
  config: z.input<typeof autodiscover.config> = {},
  options: Partial<TestServerOptions> = {},
): Promise<TestServer> {
  const host = '127.0.0.1';
  const urls = { internalUrl: INSIDE, externalUrl: OUTSIDE };
  const server = await testServer({
    plugins: [
      directory(),
      pki(GIVEN_CERTIFICATE.pki),
      web({ host, port: 0, plain: { host, port: 0 }, ...urls }),
      webTicket(),
      autodiscover(config),
    ],
    files: GIVEN_CERTIFICATE.files,
    users: ['alice', 'bob'],
    signIn: 'real',
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

/** Asks as clients do, by a name of the server. */
export function ask(server: TestServer, path: string, host = 'uc.example.com', how: Ask = {}): Promise<WebAnswer> {
  const { method = 'GET', accept = XML, plain = false, ticket } = how;
  return server
    .web()
    .ask(path, { method, plain, headers: { host, accept, ...(ticket === undefined ? {} : { 'x-ms-webticket': ticket }) } });
}

/** A user's ticket for discovery. */
export async function ticketOf(server: TestServer, name: string): Promise<string> {
  const request =
    `<s:Envelope xmlns:s="${NS.soap}" xmlns:t="${NS.trust}" xmlns:p="${NS.policy}" xmlns:a="${NS.addressing}"><s:Body><t:RequestSecurityToken>` +
    '<t:TokenType>http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1</t:TokenType>' +
    '<t:RequestType>http://schemas.xmlsoap.org/ws/2005/02/trust/Issue</t:RequestType>' +
    `<p:AppliesTo><a:EndpointReference><a:Address>${INSIDE}/Autodiscover/AutodiscoverService.svc/root/user</a:Address></a:EndpointReference></p:AppliesTo>` +
    `<t:KeyType>${NS.trust}/Bearer</t:KeyType></t:RequestSecurityToken></s:Body></s:Envelope>`;
  const { body } = await server.web(name).post('/WebTicket/WebTicketService.svc/Auth', request);
  const [assertion] = /<saml:Assertion[^]*<\/saml:Assertion>/.exec(body) ?? [];
  if (assertion === undefined) throw new Error(`${name} gets no ticket: ${body}`);
  return `opaque=${Buffer.from(assertion).toString('base64')}`;
}

/** Gives a user another home server, as another node of the pool does in the database, and starts again. */
export async function move(server: TestServer, name: string, homeServer: string): Promise<void> {
  await server.store
    .as<{ directory_user: { aor: string; home_server: string | null } }>()
    .write((trx) => trx.updateTable('directory_user').set({ home_server: homeServer }).where('aor', '=', `${name}@example.com`).execute());
  await server.restart();
}
