/** What the configuration of the plugins `web` and `autodiscover` means for names, ports and certificates. */
import type { ServerConfig } from '@parley/core';

/** The HTTPS host as configured. */
export interface WebListener {
  /** Address that it is bound to. */
  readonly host: string;
  readonly port: number;
  /** The listener without TLS; undefined without one. */
  readonly plain: { readonly host: string; readonly port: number } | undefined;
  /** Host names of its URLs, inside and outside, each once. */
  readonly hosts: readonly string[];
  readonly autodiscover: boolean;
}

/** Undefined without the plugin `web`. The program knows no plugin but by its name; fields that are not there count as left out. */
export function webListener({ plugins, fqdn }: Pick<ServerConfig, 'plugins' | 'fqdn'>): WebListener | undefined {
  const config = plugins.find(({ plugin }) => plugin.name === 'web')?.config;
  if (config === undefined) return undefined;
  const { host, port, plain, internalUrl, externalUrl } = config as Readonly<Record<string, unknown>>;
  const urls = [internalUrl, externalUrl].filter((url) => typeof url === 'string');
  const hosts = urls.map((url) => new URL(url).hostname);
  return {
    host: typeof host === 'string' ? host : '0.0.0.0',
    port: typeof port === 'number' ? port : 443,
    plain: plain as WebListener['plain'],
    hosts: [...new Set(internalUrl === undefined ? [fqdn, ...hosts] : hosts)],
    autodiscover: plugins.some(({ plugin }) => plugin.name === 'autodiscover'),
  };
}
