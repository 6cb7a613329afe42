/** Error codes of the host: configuration, boot, administration. */
import { errorTable } from '../errors/index.ts';

/** Errors of a configuration. */
export const ConfigErrors = errorTable({
  CONFIG_NOT_FOUND: {
    sentence: 'There is no configuration file {file}.',
    fix: 'Run `parley init` to write one, or name another with --config.',
  },
  CONFIG_KIND: {
    sentence: 'The configuration file {file} is of no kind that can be read.',
    fix: 'Write it as parley.config.ts, .mjs, .js or .json.',
  },
  CONFIG_SYNTAX: {
    sentence: 'The configuration file {file} cannot be read: {reason}.',
    fix: 'Mend it at the place shown.',
  },
  CONFIG_IMPORT_FAILED: {
    sentence: 'The configuration file {file} failed while it was loaded: {reason}.',
    fix: 'Mend what it imports or computes; a missing package is installed with `npm install`{hint}.',
  },
  CONFIG_NOTHING_INSTALLED: {
    sentence: 'The configuration file {file} failed while it was loaded: {reason}.',
    fix: 'Nothing is installed in this folder yet: run `npm install`{hint}.',
  },
  CONFIG_NO_EXPORT: {
    sentence: 'The configuration file {file} exports no server.',
    fix: 'Write `export default defineServer({ ... })`.',
  },
  CONFIG_INVALID: {
    sentence: '{what} has {count}:\n{list}',
    fix: 'Mend each; nothing has been started.',
  },
  CONFIG_PLUGIN_NOT_FOUND: {
    sentence: 'no plugin "{reference}" is installed',
    fix: 'Install its package, or write a path that begins with "./"{hint}.',
  },
  CONFIG_PLUGIN_BROKEN: {
    sentence: 'the plugin "{reference}" cannot be loaded: {reason}',
    fix: 'Build it (`npm run build`), or look into the file named.',
  },
  CONFIG_PLUGIN_NONE: {
    sentence: '"{reference}" is no plugin: its default export was not made by definePlugin',
    fix: 'Name the package or file whose default export is `definePlugin({ ... })`.',
  },
});

/** Errors of booting and running plugins. */
export const HostErrors = errorTable({
  HOST_PLUGINS_UNFIT: {
    sentence: 'The plugins do not fit together:\n{list}',
    fix: 'Add, remove or replace plugins in the configuration as each line says.',
  },
  HOST_PLUGIN_FAILED: {
    sentence: 'Plugin "{plugin}" could not start: {step} failed: {reason}',
    fix: '{fix}',
  },
  HOST_PLUGIN_SLOW: {
    sentence: 'Plugin "{plugin}" did not start within {seconds} s: it still waits for {step}.',
    fix: 'Check what it depends on there (a database, a directory, the network), or raise limits.bootSeconds.',
  },
  HOST_NOT_INJECTABLE: {
    sentence: 'Plugin "{plugin}": class {class} has constructor parameters but no @injectable().',
    fix: 'Write @injectable() above the class.',
  },
  HOST_PARAMETER_WITHOUT_TOKEN: {
    sentence: 'Plugin "{plugin}": parameter {position} of the constructor of {class} has no @inject.',
    fix: 'Write @inject(Token) before the parameter. A token that is undefined there comes from modules that import each other.',
  },
  HOST_TOKEN_MISSING: {
    sentence: 'Plugin "{plugin}": {class} needs "{token}", which {reason}.',
    fix: 'Add the token to `requires` (or `optional`) of the plugin, or to `provides` with the class that implements it.',
  },
  HOST_CLASS_CYCLE: {
    sentence: 'Plugin "{plugin}": the constructors of {cycle} wait for each other.',
    fix: 'Let one of them ask its scope (`@inject(Scope)`) when it needs the other, instead of in its constructor.',
  },
  HOST_CLOSED: {
    sentence: 'The server is closing.',
    fix: 'Nothing to do: try again when it runs.',
    status: 503,
  },
});

/** Errors of administration commands and the control socket. */
export const ControlErrors = errorTable({
  CONTROL_NOT_RUNNING: {
    sentence: 'No server runs on {folder}.',
    fix: 'Start it with `parley start`, or name the folder of another with --config.',
  },
  CONTROL_DENIED: {
    sentence: 'The server on {folder} does not talk to this user.',
    fix: 'Run the command as the user who runs the server.',
  },
  CONTROL_PATH_LONG: {
    sentence: 'The path of the control socket, {path}, is longer than the {limit} bytes that the system allows.',
    fix: 'Give `dataDir` a shorter path.',
  },
  CONTROL_LOST: {
    sentence: 'The server hung up before it had answered.',
    fix: 'See in its log whether it has stopped; whether the command took effect is not known.',
  },
  CONTROL_UNKNOWN_COMMAND: {
    sentence: 'The server has no command "{path}".',
    fix: 'See `parley --help`; a command of a plugin needs that plugin in the configuration.',
  },
  CONTROL_BAD_REQUEST: {
    sentence: 'The request cannot be understood: {reason}.',
    fix: 'Use a `parley` of the same version as the server.',
  },
  CONTROL_BAD_INPUT: {
    sentence: '{reason}.',
    fix: 'See `parley {path} --help`.',
  },
  CONTROL_COMMAND_FAILED: {
    sentence: 'The command "{path}" failed: {reason}.',
    fix: 'The log of the server has the details.',
  },
  CONTROL_TIMEOUT: {
    sentence: 'The command "{path}" did not end within {seconds} s.',
    fix: 'Look into the log of the server for what it waits for.',
  },
  CONTROL_NOT_OFFLINE: {
    sentence: 'The command "{path}" needs a running server.',
    fix: 'Start it with `parley start`.',
  },
});
