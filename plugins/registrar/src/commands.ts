/** `parley registrations`: who is registered where, and an end to it. */
import { Clock } from '@parley/sdk';
import type { AdminCommand, PluginScope } from '@parley/sdk';
import type { BindingRecord } from './binding.ts';
import { Bindings } from './bindings.ts';
import { RegistrarErrors } from './errors.ts';

/** Rows of one answer; a filter narrows the rest. */
const MAX_ROWS = 1000;

const list: AdminCommand = {
  path: 'registrations',
  summary: 'List the endpoints that are registered now',
  arguments: [{ name: 'address', summary: 'Only addresses or contacts that contain this text', optional: true }],
  examples: ['parley registrations', 'parley registrations alice@example.com', 'parley registrations example.com --json'],
  columns: [
    { key: 'aor', title: 'ADDRESS', whole: true },
    { key: 'contact', title: 'CONTACT' },
    { key: 'via', title: 'VIA' },
    { key: 'expires', title: 'EXPIRES', align: 'right' },
    { key: 'userAgent', title: 'USER AGENT' },
  ],
  run(input, scope: PluginScope) {
    const bindings = scope.resolve(Bindings);
    const now = scope.resolve(Clock).now();
    const filter = (input.arguments['address'] ?? '').replace(/^sips?:/i, '').toLowerCase();
    const rows: object[] = [];
    let matching = 0;
    for (const record of bindings.all()) {
      if (!record.aor.includes(filter) && !record.contact.toLowerCase().includes(filter)) continue;
      matching++;
      if (rows.length < MAX_ROWS) rows.push(rowOf(record, now));
    }
    return { rows, text: sentence(matching, rows.length, bindings), data: rows };
  },
};

const drop: AdminCommand = {
  path: 'registrations drop',
  summary: 'End every registration of an address; its endpoints come back with their next refresh',
  arguments: [{ name: 'address', summary: 'The address of record, alice@example.com' }],
  examples: ['parley registrations drop alice@example.com'],
  run(input, scope: PluginScope) {
    const aor = (input.arguments['address'] ?? '').replace(/^sips?:/i, '').toLowerCase();
    const dropped = scope.resolve(Bindings).removeAll(aor, 'administrator');
    if (dropped === 0) throw RegistrarErrors.REGISTRAR_NOT_REGISTERED({ aor });
    return { text: `${dropped} ${dropped === 1 ? 'registration' : 'registrations'} of ${aor} ended.`, data: { aor, dropped } };
  },
};

function rowOf(record: BindingRecord, now: number): object {
  return {
    aor: record.aor,
    contact: record.contact,
    via: record.lost ? `${record.transport}, cut off` : record.transport,
    expires: Math.max(0, Math.ceil((record.expiresAt - now) / 1000)),
    userAgent: record.userAgent,
  };
}

function sentence(matching: number, shown: number, bindings: Bindings): string {
  if (matching === 0) return bindings.size === 0 ? 'Nobody is registered.' : 'No registration matches.';
  const count = `${matching} ${matching === 1 ? 'registration' : 'registrations'}`;
  return shown === matching ? `${count}.` : `${count}, the first ${shown} shown; name an address to see others.`;
}

/** Commands that the registrar adds to the command line. */
export const commands: readonly AdminCommand[] = [list, drop];
