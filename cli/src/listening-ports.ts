/** Every port that a configuration makes the server listen on: the SIP listeners, and those of the plugins that have some. */
import type { ServerConfig } from '@parley/core';
import type { ListeningPort } from './doctor-ports.ts';
import { webListener } from './web-config.ts';

/** The program knows no plugin but by its name; one with ports of its own is told here. */
export function listeningPorts(config: Pick<ServerConfig, 'listen' | 'plugins' | 'fqdn'>): readonly ListeningPort[] {
  const web = webListener(config);
  return [
    ...config.listen,
    ...(web === undefined ? [] : [{ transport: 'https', host: web.host, port: web.port }]),
    ...place('http', web?.plain),
    ...place('http', settingsOf(config, 'metrics')),
    ...place('tls', settingsOf(config, 'external-applications')?.['tls']),
  ];
}

function settingsOf({ plugins }: Pick<ServerConfig, 'plugins'>, name: string): Readonly<Record<string, unknown>> | undefined {
  return plugins.find(({ plugin }) => plugin.name === name)?.config as Readonly<Record<string, unknown>> | undefined;
}

/** Nothing without a host and a port, since a plugin fills in its own defaults before the configuration comes here. */
function place(transport: string, settings: unknown): readonly ListeningPort[] {
  const { host, port } = (settings ?? {}) as Readonly<Record<string, unknown>>;
  return typeof host === 'string' && typeof port === 'number' ? [{ transport, host, port }] : [];
}
