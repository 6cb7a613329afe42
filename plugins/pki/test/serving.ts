/** A server with certificates, and certificates made once for all tests of a file: keys cost time. */
import { onTestFinished, vi } from 'vitest';
import type { z } from 'zod';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer, TestServerOptions } from '@parley/sdk/testkit';
import { issueServer, makeAuthority } from '../src/issue.ts';
import pki from '../src/plugin.ts';

// How long a key takes to find is a matter of luck.
vi.setConfig({ testTimeout: 30_000 });

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const NOW = Date.UTC(2030, 0, 15);

let shared: ReturnType<typeof makeAuthority> | undefined;
/** An authority for certificates that are given, or that a server has had since the morning. */
export const authority = (): ReturnType<typeof makeAuthority> => (shared ??= makeAuthority('the tests', NOW));
export const issue = (names: readonly string[], now = NOW): ReturnType<typeof issueServer> => issueServer(authority(), names, now);

/** Files of a server that has made its authority already. */
export const withAuthority = (): Record<string, string> => ({ 'pki/ca.pem': authority().certificate, 'pki/ca.key': authority().key });

/** Closed when the test is finished. Beside certificates it has the plugins that the options name. */
export async function serving(
  config: z.input<typeof pki.config> = {},
  { plugins = [], ...options }: Partial<TestServerOptions> = {},
): Promise<TestServer> {
  const server = await testServer({ plugins: [...plugins, pki(config)], startAt: NOW, log: 'warn', ...options });
  onTestFinished(() => server.close());
  return server;
}

/** What an operator should act on, from the log. */
export const alarms = ({ log }: TestServer): unknown[] => log.map(({ msg }) => msg);

/** How the certificate is, as `parley health` tells it. */
export const health = async (server: TestServer): Promise<unknown> =>
  (await server.command('health')).rows?.find((row) => 'name' in row && row.name === 'certificate');
