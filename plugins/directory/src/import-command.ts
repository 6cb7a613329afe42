/** `parley user import FILE.csv`. */
import type { AdminCommand } from '@parley/sdk';
import { DirectoryAdmin } from './api.ts';
import { argument } from './command-input.ts';
import { describe, planImport, runImport } from './import.ts';

/** Adds the users of a CSV file, all or none unless told otherwise. */
export const importCommand: AdminCommand = {
  path: 'user import',
  summary: 'Add the users of a CSV file with the columns uri, display, login, phone, group, password, enabled',
  arguments: [
    { name: 'file', summary: 'The file, UTF-8; several values in a field have semicolons between them; - for standard input', file: true },
  ],
  options: [
    { flag: '--skip-bad', summary: 'Import the good lines although others are wrong' },
    { flag: '--check', summary: 'Only say what is wrong' },
  ],
  examples: ['parley user import people.csv', 'parley user import people.csv --check', 'parley user import people.csv --skip-bad'],
  offline: true,
  timeoutSeconds: 3_600,
  async run(input, scope) {
    const admin = scope.resolve(DirectoryAdmin);
    const plan = planImport(argument(input, 'file'), admin);
    if (input.options['check'] === true) {
      const text = plan.faults.length === 0 ? `All ${plan.total} lines are good.` : describe(plan.faults);
      return { text, data: { good: plan.users.length, faults: plan.faults } };
    }
    const result = await runImport(plan, admin, input, input.options['skipBad'] === true);
    const skipped = result.skipped.length === 0 ? '' : `\nSkipped:\n${describe(result.skipped)}`;
    return { text: `Imported ${result.imported} users.${skipped}`, data: result };
  },
};
