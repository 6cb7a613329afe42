/** What the commands of `parley script` are called, take and print; script-commands.ts has them at work. */
import type { AdminCommand, CommandOption } from './command.ts';

const NAME = { name: 'name', summary: 'as `parley script list` shows it; .am may be left out' } as const;

const BESIDE: readonly CommandOption[] = [
  { flag: '--before <name>', summary: 'directly before this application' },
  { flag: '--after <name>', summary: 'directly after this application' },
];
const BY_NUMBER = '0 to 10000: low ones see a request first; the page of each plugin says where its own stand';

/** Their descriptions, for a command line that has no server to ask. */
export const SCRIPT_COMMANDS: readonly Omit<AdminCommand, 'run'>[] = [
  {
    path: 'script list',
    summary: 'Every routing script: where it comes from, its place in the chain, its state',
    examples: ['parley script list', 'parley script list --json'],
    offline: true,
    columns: [
      { key: 'order', title: '#', align: 'right' },
      { key: 'name', title: 'APPLICATION', whole: true },
      { key: 'from', title: 'FROM' },
      { key: 'version', title: 'VERSION', align: 'right' },
      { key: 'requests', title: 'REQUESTS' },
      { key: 'state', title: 'STATE' },
      { key: 'errors', title: 'ERRORS', align: 'right' },
    ],
  },
  {
    path: 'script show',
    summary: 'One routing script: its text, its tables, the versions that are kept',
    arguments: [NAME],
    options: [{ flag: '--at <version>', summary: 'this version of a stored script; the running one when absent' }],
    examples: ['parley script show block.am', 'parley script show registrar/routes.am', 'parley script show block.am --at 1'],
    offline: true,
  },
  {
    path: 'script add',
    summary: 'Stores a routing script with its tables, or a new version of it, and runs it at once',
    arguments: [{ name: 'file', summary: 'MSPL manifest (.am); tables that it names are read beside it', script: true }],
    options: [
      { flag: '--name <name>', summary: 'what to call it; the file name when absent' },
      ...BESIDE,
      {
        flag: '--priority <number>',
        summary: `${BY_NUMBER}. Without any place 350, or 100 with allowRegistrationBeforeUserServices in the manifest`,
      },
      { flag: '--handler <plugin>', summary: 'it may dispatch to the handler of this plugin' },
      { flag: '--disabled', summary: 'store it switched off' },
      { flag: '--lenient', summary: 'mend the known XML faults of published manifests instead of refusing them' },
    ],
    examples: [
      'parley script add block.am',
      'parley script add night.am --name night-2026.am --after registrar/routes.am',
      'parley script add emergency.am --priority 10',
    ],
    offline: true,
  },
  {
    path: 'script remove',
    summary: 'Takes a stored script out of the chain; its versions are kept, and `script rollback` brings it back',
    arguments: [NAME],
    options: [
      { flag: '--purge', summary: 'drop its versions too, or those of a script that was removed before; nothing brings them back' },
    ],
    examples: ['parley script remove block.am', 'parley script remove block.am --purge'],
    offline: true,
  },
  {
    path: 'script enable',
    summary: 'Switches an application on; one that was stopped after ten critical errors starts again with none',
    arguments: [NAME],
    examples: ['parley script enable block.am', 'parley script enable client-version-filter/filter.am'],
    offline: true,
  },
  {
    path: 'script disable',
    summary: 'Switches an application off; messages pass it by until it is enabled again',
    arguments: [NAME],
    examples: ['parley script disable block.am'],
    offline: true,
  },
  {
    path: 'script order',
    summary: 'Moves an application to another place in the chain',
    arguments: [NAME],
    options: [
      ...BESIDE,
      { flag: '--priority <number>', summary: BY_NUMBER },
      { flag: '--reset', summary: 'to where it would stand by itself' },
    ],
    examples: [
      'parley script order block.am --before night.am',
      'parley script order routing/routes.am --priority 900',
      'parley script order block.am --reset',
    ],
    offline: true,
  },
  {
    path: 'script reload',
    summary: 'Reads again which scripts the configuration names, all scripts on disk and their tables; nothing changes unless all are good',
    examples: ['parley script reload'],
  },
  {
    path: 'script rollback',
    summary: 'Runs the version before the present one, or another one that is kept; brings a removed script back as it was',
    arguments: [NAME],
    options: [{ flag: '--to <number>', summary: 'this version' }],
    examples: ['parley script rollback block.am', 'parley script rollback block.am --to 3'],
    offline: true,
  },
];
