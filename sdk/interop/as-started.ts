/** The plugins of `npm start`, for a server of a test: with their configuration, but on ports of the test's own. */
import { checkConfig } from '@parley/core';
import config from '../../parley.config.ts';
import { freePort } from './server.ts';

/** The domain that `npm start` serves. */
export const STARTED_DOMAIN = (config.domains ?? [])[0] ?? '';

/** @param changes what an operator wrote into it, by plugin */
export async function pluginsAsStarted(changes: Readonly<Record<string, object>> = {}): Promise<Record<string, object>> {
  const { plugins } = await checkConfig(config);
  const web = await freePort();
  return {
    ...Object.fromEntries(plugins.map((one) => [one.plugin.name, one.config as object])),
    web: { host: '127.0.0.1', port: web, internalUrl: `https://127.0.0.1:${web}` },
    metrics: { port: await freePort() },
    ...changes,
  };
}
