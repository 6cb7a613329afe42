/** Contact lists as files for administrators: JSON and CSV, there and back. Pure. */
import { ParleyError, csvLine, readCsv } from '@parley/sdk';
import type { CsvRecord } from '@parley/sdk';
import { z } from 'zod';
import { DEFAULT_GROUP } from './contact-list.ts';
import type { ContactList } from './contact-list.ts';
import { MAX_URI, withScheme } from './contact-uri.ts';
import { ContactsErrors } from './errors.ts';
import { MAX_NAME } from './operations.ts';

/** One contact as people write it. */
export interface ExchangedContact {
  /** With its scheme: `sip:bob@example.com`. */
  readonly uri: string;
  readonly name: string;
  /** Names of groups; in none of them: in the one that everybody has. */
  readonly groups: readonly string[];
  readonly subscribed: boolean;
}

/** The list of one user as people write it. */
export interface ExchangedList {
  /** `alice@example.com`. */
  readonly owner: string;
  /** Names of all groups, the one that everybody has left out. */
  readonly groups: readonly string[];
  readonly contacts: readonly ExchangedContact[];
}

/** A list with names instead of numbers. */
export function exchanged(owner: string, { groups, contacts }: ContactList): ExchangedList {
  const named = (ids: readonly number[]): string[] =>
    ids.flatMap((id) => (id === DEFAULT_GROUP ? [] : [groups.get(id)?.name ?? String(id)]));
  return {
    owner,
    groups: named([...groups.keys()]),
    contacts: [...contacts.values()].map(({ uri, name, groups: ids, subscribed }) => ({
      uri: withScheme(uri),
      name,
      groups: named(ids),
      subscribed,
    })),
  };
}

const COLUMNS = ['owner', 'uri', 'name', 'groups', 'subscribed'] as const;
/** Between the names of groups in one field, with a backslash before one that is part of a name. */
const SEPARATOR = ';';

/** One line a contact. Groups without contacts are not in there. */
export function toCsv(lists: readonly ExchangedList[]): string {
  const lines = lists.flatMap(({ owner, contacts }) =>
    contacts.map(({ uri, name, groups, subscribed }) => csvLine([owner, uri, name, joined(groups), String(subscribed)])),
  );
  return [COLUMNS.join(','), ...lines].join('\n');
}

export function toJson(lists: readonly ExchangedList[]): string {
  return JSON.stringify(lists, undefined, 2);
}

/**
 * Reads what `toJson` or `toCsv` has written, or somebody else in that form: JSON begins with a bracket.
 * @throws CONTACTS_IMPORT_MALFORMED
 */
export function readExchanged(text: string): readonly ExchangedList[] {
  const lists = /^\ufeff?\s*[[{]/.test(text) ? fromJson(text) : fromCsv(text);
  return [...Map.groupBy(lists, ({ owner }) => owner)].map(([owner, parts]) => ({
    owner,
    groups: [...new Set(parts.flatMap((part) => part.groups))],
    contacts: parts.flatMap((part) => part.contacts),
  }));
}

const Name = z.string().trim().max(MAX_NAME);
const GroupName = Name.min(1);
const Owner = z
  .string()
  .trim()
  .transform((text) => text.replace(/^sips?:/i, '').toLowerCase());

const Lists = z.array(
  z.strictObject({
    owner: Owner,
    groups: z.array(GroupName).default([]),
    contacts: z.array(
      z.strictObject({
        uri: z.string().min(1).max(MAX_URI),
        name: Name.default(''),
        groups: z.array(GroupName).default([]),
        subscribed: z.boolean().default(true),
      }),
    ),
  }),
);

function fromJson(text: string): readonly ExchangedList[] {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
  const read = Lists.safeParse(Array.isArray(value) ? value : [value]);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw malformed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function fromCsv(text: string): readonly ExchangedList[] {
  const [header, ...records] = csvRecords(text);
  const columns = header?.fields.map((field) => field.trim().toLowerCase()) ?? [];
  if (!columns.includes('owner') || !columns.includes('uri')) throw malformed(`its first line must name the columns ${COLUMNS.join(', ')}`);
  return records.map(({ line, fields }) => {
    const value = (column: (typeof COLUMNS)[number]): string => fields[columns.indexOf(column)]?.trim() ?? '';
    const groups = parted(value('groups'));
    const tooLong = [value('name'), ...groups].some((name) => name.length > MAX_NAME);
    if (tooLong) throw malformed(`line ${line} has a name of more than ${MAX_NAME} characters`);
    const subscribed = value('subscribed').toLowerCase();
    if (!['', 'true', 'false'].includes(subscribed)) throw malformed(`line ${line} says neither true nor false in subscribed`);
    const contact = { uri: value('uri'), name: value('name'), groups, subscribed: subscribed !== 'false' };
    return { owner: Owner.parse(value('owner')), groups, contacts: [contact] };
  });
}

function csvRecords(text: string): CsvRecord[] {
  try {
    return [...readCsv(text)];
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    throw malformed(error.message);
  }
}

function joined(names: readonly string[]): string {
  return names.map((name) => name.replaceAll(/[\\;]/g, '\\$&')).join(SEPARATOR);
}

function parted(text: string): string[] {
  const names = text.match(/(?:\\.|[^\\;])+/g) ?? [];
  return names.map((name) => name.replaceAll(/\\(.)/g, '$1').trim()).filter((name) => name !== '');
}

function malformed(reason: string): ParleyError {
  return ContactsErrors.CONTACTS_IMPORT_MALFORMED({ reason });
}
