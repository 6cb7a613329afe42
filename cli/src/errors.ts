/** Errors of the parley command itself. */
import { errorTable } from '@parley/core';

export const CliErrors = errorTable({
  CLI_NO_CONFIG: {
    sentence: 'There is no configuration in {folder}.',
    fix: 'Go to the folder of your server, name the file with --config, or make one with: parley init',
  },
  CLI_FILE_EXISTS: {
    sentence: '{file} is there already.',
    fix: 'Name another file with --file, or overwrite it with --force.',
  },
  CLI_BAD_OPTION: {
    sentence: '{option} is "{value}".',
    fix: 'Give {allowed}.',
  },
  CLI_CANCELLED: {
    sentence: 'Nothing was written.',
    fix: 'Run the command again when you are ready.',
  },
  CLI_NO_PASSWORD: {
    sentence: 'No value for {option} was given, and there is no terminal to ask on.',
    fix: 'Give it with {flags}.',
  },
  CLI_NOT_RUNNING: {
    sentence: 'No server is running on the data folder {folder}.',
    fix: 'Start it with: parley start',
  },
  CLI_UNKNOWN_COMMAND: {
    sentence: 'There is no command "{command}".',
    fix: '{advice}',
  },
  CLI_UNKNOWN_PLUGIN: {
    sentence: 'There is no plugin "{name}" here.',
    fix: 'Known are: {known}{hint}. Others are installed with npm, or named by a path that begins with "./".',
  },
  CLI_PLUGIN_NEEDS: {
    sentence: 'The plugin "{plugin}" needs "{token}", which no plugin here provides.',
    fix: 'Install one that does, then run the command again.',
  },
  CLI_PLUGIN_NOT_INSTALLED: {
    sentence: 'Not installed: {packages}.',
    fix: 'Install first, then run the command again: {command}',
  },
  CLI_PLUGIN_NOT_LISTED: {
    sentence: 'The plugin "{name}" is not in {file}.',
    fix: 'Listed are: {listed}{hint}.',
  },
  CLI_PLUGIN_NEEDED: {
    sentence: 'The server would not start without "{name}":\n{list}',
    fix: 'Take them out together with: {command}',
  },
  CLI_CONFIG_UNUSUAL: {
    sentence: '{file} is not written as one list of plugins that a program can change safely.',
    fix: '{advice}',
  },
  CLI_CONFIG_REFUSED: {
    sentence: 'Nothing was written: {file} would not load any more: {reason}',
    fix: 'Mend that first, or make the change by hand.',
  },
  CLI_STEP_FAILED: {
    sentence: '{step} failed:\n{output}',
    fix: 'Mend what is said above and run it again in {folder}.',
  },
  CLI_UNREADABLE: {
    sentence: '{file} cannot be read: {reason}.',
    fix: 'Check the name and its permissions.',
  },
  CLI_SCRIPT_HANDLER: {
    sentence: '{name} to {method}: no handler belongs to a script of your own',
    fix: 'Name the plugin that takes it: --handler PLUGIN, here and for `parley script add`.',
  },
  CLI_NO_HANDLER: {
    sentence: 'The plugin {plugin} has no handler that a script could dispatch to.',
    fix: 'Name a plugin that has one; `parley plugin info NAME` tells.',
  },
});
