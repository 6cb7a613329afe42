/** The definition of a plugin: data that the host, the documentation and the command line read. */
import type { z } from 'zod';
import type { Migration } from '../store/index.ts';
import type { AdminCommand } from './command.ts';
import type { PluginScope } from './scope.ts';
import type { Class, Provided, Token } from './token.ts';

/** A routing script of a plugin with its place in the chain. */
export interface ScriptEntry {
  /** Path relative to the plugin's `root`. */
  readonly file: string;
  /** Low numbers see a request first: below 300 filters, 300 what homes users, 500 services (the default), 900 default routing. */
  readonly priority?: number;
  /** The application homes users (MSPL's UserServices). */
  readonly userServices?: boolean;
  /** What is not done while an operator has switched it off, as the end of a sentence: `no call or message is delivered`. */
  readonly without?: string;
}

/** What a plugin is: its configuration, what it needs and offers, its scripts, its handler, its commands. */
export interface PluginSpec<Config extends z.ZodType = z.ZodType> {
  /** Lower-case letters, digits and hyphens; the package is usually `@parley/plugin-<name>`. */
  readonly name: string;
  /** One sentence: what it does for the operator. */
  readonly summary: string;
  /** `z.strictObject({...})` with every field described and, where it can be, defaulted. */
  readonly config: Config;
  /** Tokens of other plugins that it cannot do without. Those of core need not be named. */
  readonly requires?: readonly Token<unknown>[];
  /** Tokens that it uses when some plugin provides them: `@inject(X, { optional: true })`. */
  readonly optional?: readonly Token<unknown>[];
  /** A token alone: the handler implements it. `provide(X, Class)`: another class does. */
  readonly provides?: readonly (Token<unknown> | Provided)[];
  /** MSPL files, paths relative to `root`, or with their place in the chain. */
  readonly scripts?: readonly (string | ScriptEntry)[];
  /** The package's folder: `new URL('..', import.meta.url)`. */
  readonly root: URL;
  /** By name, applied in the order of the names: `'001-users'`. */
  readonly migrations?: Readonly<Record<string, Migration>>;
  /** Its methods are what the scripts dispatch to. */
  readonly handler?: Class;
  readonly commands?: readonly AdminCommand[];
  /** Registers gates, stamps, byte stages, checks and metrics. Runs before anything of the plugin starts. */
  setup?(scope: PluginScope): void | Promise<void>;
}

/** A plugin with the configuration that an operator chose for it, not yet checked. */
export interface PluginUse {
  readonly plugin: PluginSpec;
  readonly config: unknown;
}

// oxlint-disable-next-line typescript/no-generated-empty-object-type -- the object without fields is meant
type NoFields = Record<never, never>;
/** A configuration may be left out when all its fields may. */
type ConfigArguments<Config extends z.ZodType> = NoFields extends z.input<Config> ? [config?: z.input<Config>] : [config: z.input<Config>];

/** What `definePlugin` returns: the description, callable with a configuration. */
export interface PluginDefinition<Config extends z.ZodType = z.ZodType> extends PluginSpec<Config> {
  (...config: ConfigArguments<Config>): PluginUse;
}

type Provisions = readonly (Token<unknown> | Provided)[];
/** `Provides`, where the handler implements each token that stands alone. */
type Implemented<Provides extends Provisions, Handler> = {
  [K in keyof Provides]: Provides[K] extends Token<infer Wanted>
    ? Handler extends Wanted
      ? Provides[K]
      : 'the handler does not implement this token'
    : Provides[K];
};

/** A plugin's specification whose handler has the methods of the tokens that it provides. */
export type CheckedSpec<Config extends z.ZodType, Handler extends object, Provides extends Provisions> = PluginSpec<Config> & {
  readonly handler?: Class<Handler>;
  readonly provides?: Provides & Implemented<Provides, Handler>;
};

const PLUGIN_NAME = /^[a-z][a-z0-9-]*$/;

/**
 * Declares a plugin; the default export of its `plugin.ts`. In `parley.config.ts` it is called with its configuration:
 * `plugins: [registrar({ maxContacts: 5 })]`. Throws TypeError for a definition that no configuration could make good.
 */
export function definePlugin<Config extends z.ZodType, Handler extends object = object, const Provides extends Provisions = readonly []>(
  spec: CheckedSpec<Config, Handler, Provides>,
): PluginDefinition<Config> {
  refuseUnfit(spec);
  const use = (...config: ConfigArguments<Config>): PluginUse => ({ plugin: definition, config: config[0] ?? {} });
  // A function has a read-only `name` of its own; the plugin's takes its place.
  Object.defineProperty(use, 'name', { value: spec.name, enumerable: true });
  const { name: _name, ...rest } = spec;
  const definition = Object.freeze(Object.assign(use, rest)) as PluginDefinition<Config>;
  return definition;
}

function refuseUnfit({ name, summary, config, handler, provides = [] }: PluginSpec): void {
  if (!PLUGIN_NAME.test(name)) {
    throw new TypeError(`plugin name "${name}" must be lower-case letters, digits and hyphens, beginning with a letter`);
  }
  // Authors who write JavaScript have no compiler to tell them.
  if (typeof (summary as unknown) !== 'string' || summary.trim() === '') {
    throw new TypeError(`plugin "${name}": summary has to say in a sentence what it does for the operator`);
  }
  if (typeof (config as Partial<z.ZodType> | undefined)?.safeParse !== 'function') {
    throw new TypeError(`plugin "${name}": config has to be a zod schema, such as z.strictObject({})`);
  }
  for (const provided of handler === undefined ? provides : []) {
    if ('token' in provided) continue;
    const cure = `name the class under handler, or write provide(${provided.name}, Class)`;
    throw new TypeError(`plugin "${name}" provides "${provided.name}" and has no handler that could be it: ${cure}`);
  }
}
