/** `defineServer`: what `parley.config.ts` exports. */
import type { PluginSpec, PluginUse } from './plugin.ts';
import type { ServerSettings, ServerSettingsInput } from './server-schema.ts';

/** A plugin by name: of the workspace or of npm (`registrar` is `@parley/plugin-registrar`), or by path. */
export interface NamedPlugin {
  readonly plugin: string;
  readonly config?: unknown;
}

/** How a list of plugins may be written. Their order does not matter. */
export type PluginList = readonly (PluginUse | PluginSpec | NamedPlugin | string)[] | Readonly<Record<string, unknown>>;

/** What an operator writes. */
export interface ServerInput extends ServerSettingsInput {
  /**
   * What the server consists of. In TypeScript `[directory(), registrar({ maxContacts: 5 })]`; in JSON
   * `[{ "plugin": "registrar", "config": {...} }]` or `{ "registrar": {...} }`.
   */
  readonly plugins: PluginList;
}

/** A plugin found, with its configuration checked and its defaults filled in. */
export interface ConfiguredPlugin {
  readonly plugin: PluginSpec;
  readonly config: unknown;
  /** Package version, `0.0.0` when its package.json cannot be read. */
  readonly version: string;
}

/** A configuration that has been checked as a whole. `dataDir`, `log.file`, certificate and script paths are absolute. */
export interface ServerConfig extends ServerSettings {
  readonly fqdn: string;
  readonly plugins: readonly ConfiguredPlugin[];
  /** The file it was read from, absolute; undefined when it was built by a program. */
  readonly file: string | undefined;
}

/**
 * Describes a server, checked in the editor while it is written; the default export of `parley.config.ts`.
 * It changes nothing: `loadConfig` and `checkConfig` validate.
 */
export function defineServer(server: ServerInput): ServerInput {
  return server;
}
