/** `parley contacts ...`: what administrators see and do of contact lists. */
import { ParleyError, PluginConfig } from '@parley/sdk';
import type { AdminCommand, PluginScope } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import type { ContactsConfig } from './config.ts';
import { ContactLists } from './contact-lists.ts';
import { ContactsErrors } from './errors.ts';
import { exchanged, readExchanged, toCsv, toJson } from './exchange.ts';
import type { ExchangedList } from './exchange.ts';
import { contactUri } from './contact-uri.ts';
import { importList } from './import-list.ts';
import { ListDraft } from './list-draft.ts';

/** Lists after which an import says how far it is. */
const PROGRESS_EVERY = 100;

const list: AdminCommand = {
  path: 'contacts list',
  summary: 'List the contacts of a user',
  arguments: [{ name: 'address', summary: 'The address of record, alice@example.com' }],
  examples: ['parley contacts list alice@example.com', 'parley contacts list alice@example.com --json'],
  offline: true,
  columns: [
    { key: 'uri', title: 'CONTACT', whole: true },
    { key: 'name', title: 'NAME' },
    { key: 'groups', title: 'GROUPS' },
    { key: 'presence', title: 'PRESENCE' },
  ],
  async run(input, scope) {
    const user = userOf(input.arguments['address'] ?? '', scope);
    const stored = await scope.resolve(ContactLists).read(user.id);
    const data = exchanged(user.aor, stored);
    const rows = data.contacts.map(({ uri, name, groups, subscribed }) => ({ uri, name, groups, presence: subscribed ? 'yes' : 'no' }));
    const { maxContacts } = configOf(scope);
    const text = `${counted(rows.length, 'contact')} of at most ${maxContacts}, ${counted(data.groups.length, 'group')}, changed ${counted(stored.deltaNum - 1, 'time')}.`;
    return { rows, text, data: { ...data, deltaNum: stored.deltaNum } };
  },
};

const exportCommand: AdminCommand = {
  path: 'contacts export',
  summary: 'Print the contact list of a user, or those of all users, as a file that `parley contacts import` reads',
  arguments: [{ name: 'address', summary: 'The address of record; all users when left out', optional: true }],
  options: [
    {
      flag: '--format <format>',
      summary: 'json has everything; csv leaves out groups without contacts',
      choices: ['json', 'csv'],
      default: 'json',
    },
  ],
  examples: ['parley contacts export > contacts.json', 'parley contacts export alice@example.com --format csv > alice.csv'],
  offline: true,
  timeoutSeconds: 3600,
  async run(input, scope) {
    const lists = scope.resolve(ContactLists);
    const written = input.arguments['address'] ?? '';
    const users = written === '' ? await owners(scope) : [userOf(written, scope)];
    const data: ExchangedList[] = [];
    for (const { id, aor } of users) data.push(exchanged(aor, await lists.read(id)));
    return { text: input.options['format'] === 'csv' ? toCsv(data) : toJson(data), data };
  },
};

const importCommand: AdminCommand = {
  path: 'contacts import',
  summary: 'Add the contacts of a file to the lists of users; those who are signed in see them at once',
  arguments: [{ name: 'file', summary: 'JSON or CSV as `parley contacts export` writes it; - for standard input', file: true }],
  options: [
    { flag: '--replace', summary: 'Remove contacts and groups that are not in the file, from the lists that are in it' },
    { flag: '--check', summary: 'Only say what is wrong' },
    { flag: '--skip-bad', summary: 'Import the rest although some of it is wrong' },
  ],
  examples: [
    'parley contacts import contacts.json --check',
    'parley contacts import team.csv',
    'parley contacts import contacts.json --replace --skip-bad',
  ],
  offline: true,
  timeoutSeconds: 3600,
  async run(input, scope) {
    const replace = input.options['replace'] === true;
    const { good, faults, total } = await plan(readExchanged(input.arguments['file'] ?? ''), replace, scope);
    const lines = faults.join('\n');
    if (input.options['check'] === true) {
      return { text: faults.length === 0 ? `All of it is good: ${counted(total, 'contact')}.` : lines, data: { faults } };
    }
    if (faults.length > 0 && input.options['skipBad'] !== true) {
      throw ContactsErrors.CONTACTS_IMPORT_REFUSED({ bad: faults.length, total, lines });
    }
    const lists = scope.resolve(ContactLists);
    let contacts = 0;
    let done = 0;
    for (const [user, imported] of good) {
      // Nobody waits for the rest; what is imported is, and the same command again does the others.
      if (input.signal.aborted) break;
      await lists.change(user, (draft) => importList(draft, imported, replace));
      contacts += imported.contacts.length;
      if (++done % PROGRESS_EVERY === 0) input.progress(`${done} of ${counted(good.length, 'list')}`);
    }
    const skipped = faults.length === 0 ? '' : `\nSkipped:\n${lines}`;
    const text = `Imported ${counted(contacts, 'contact')} into ${counted(done, 'list')}.${skipped}`;
    return { text, data: { contacts, lists: done, skipped: faults } };
  },
};

interface ImportPlan {
  readonly good: readonly (readonly [User, ExchangedList])[];
  /** One sentence each. */
  readonly faults: readonly string[];
  /** Contacts in the file. */
  readonly total: number;
}

/** Tries everything on a copy, so that nothing is imported by halves. */
async function plan(lists: readonly ExchangedList[], replace: boolean, scope: PluginScope): Promise<ImportPlan> {
  const good: [User, ExchangedList][] = [];
  const faults: string[] = [];
  const stored = scope.resolve(ContactLists);
  for (const imported of lists) {
    const contacts = imported.contacts.filter(({ uri }) => tried(`${imported.owner}, ${uri}`, faults, () => contactUri(uri)));
    const whole = { ...imported, contacts };
    const user = tried(imported.owner, faults, () => userOf(imported.owner, scope));
    if (user === undefined) continue;
    const draft = new ListDraft(await stored.read(user.id), configOf(scope));
    const fits = tried(imported.owner, faults, () => {
      importList(draft, whole, replace);
      return true;
    });
    if (fits === true) good.push([user, whole]);
  }
  return { good, faults, total: lists.reduce((sum, { contacts }) => sum + contacts.length, 0) };
}

/** What `work` returns; undefined, and a fault more, when it refuses. */
function tried<T>(what: string, faults: string[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    faults.push(`${what}: ${error.message}`);
    return undefined;
  }
}

/** Users who have a list, by address. */
async function owners(scope: PluginScope): Promise<readonly User[]> {
  const directory = scope.resolve(Directory);
  const ids = await scope.resolve(ContactLists).owners();
  const users = ids.flatMap((id) => directory.findById(id) ?? []);
  return users.toSorted((a, b) => (a.aor < b.aor ? -1 : 1));
}

function userOf(written: string, scope: PluginScope): User {
  const aor = written.replace(/^sips?:/i, '').toLowerCase();
  const user = scope.resolve(Directory).findByAor(aor);
  if (user === undefined) throw ContactsErrors.CONTACTS_USER_UNKNOWN({ aor });
  return user;
}

function configOf(scope: PluginScope): ContactsConfig {
  return scope.resolve(PluginConfig) as ContactsConfig;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Commands that contacts add to the command line. */
export const commands: readonly AdminCommand[] = [list, exportCommand, importCommand];
