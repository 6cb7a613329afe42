/** A server that issues web tickets, and what becomes of them. */
import { readFileSync, readdirSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { GIVEN_CERTIFICATE, testServer } from '@parley/sdk/testkit';
import type { TestServer, TestServerOptions, WebAnswer } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import pki from '@parley/plugin-pki';
import web from '@parley/plugin-web';
import webTicket from '../src/plugin.ts';
import { BASE, CERT_URL, OUTSIDE, TICKET_URL, certRequest, cut, tokenRequest } from './client.ts';
import type { CertShape, CutTicket, TokenShape } from './client.ts';

export const NOW = Date.UTC(2024, 0, 1);

/** With alice and bob, and more plugins if there are any; closed when the test is finished. */
export async function serving({ plugins = [], files = {}, ...options }: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const urls = { internalUrl: BASE, externalUrl: OUTSIDE };
  const server = await testServer({
    plugins: [directory(), pki(GIVEN_CERTIFICATE.pki), web({ host: '127.0.0.1', port: 0, ...urls }), webTicket(), ...plugins],
    users: ['alice', 'bob'],
    signIn: 'real',
    startAt: NOW,
    store: 'sqlite',
    log: 'info',
    files: { ...GIVEN_CERTIFICATE.files, ...files },
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

/** Another server of the same pool: it has the same users and keys, and a clock of its own. */
export function samePool(server: TestServer, startAt: number): Promise<TestServer> {
  const names = readdirSync(server.file('')).filter((name) => name === 'directory.key' || name.startsWith('store.sqlite'));
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(server.file(name))]));
  return serving({ files, users: [], startAt });
}

/** What the web ticket service answers a user. */
export function askFor(server: TestServer, shape: TokenShape = {}, name = 'alice'): Promise<WebAnswer> {
  return server.web(name).post(`${TICKET_URL}/Auth`, tokenRequest(shape));
}

/** A ticket for the certificate service, or another. */
export async function ticketOf(server: TestServer, name = 'alice', shape: TokenShape = {}): Promise<CutTicket> {
  return cut((await askFor(server, shape, name)).body);
}

/** What the certificate service answers who has this ticket. */
export function enrol(server: TestServer, ticket: CutTicket, shape: CertShape = {}): Promise<WebAnswer> {
  return server.web().post(CERT_URL, certRequest(ticket, shape));
}

/** How many tickets came to this end. */
export const outcome = (server: TestServer, name: string): number => server.figure(`parley_web_tickets_total{outcome="${name}"}`);
