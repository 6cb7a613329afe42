/** A routing script in the store: its text, the tables that come with it, and the limits on both. */
import { dirname, resolve } from 'node:path';
import type { FileSource } from '../script/index.ts';
import type { ScriptSource } from './script-source.ts';
import { ServerErrors } from './sip-server-errors.ts';

/** One flat file that a manifest names. */
export interface StoredTable {
  /** As the manifest writes it. */
  readonly path: string;
  readonly text: string;
}

/** What is stored together and replaced together. */
export interface ScriptBundle {
  /** The manifest, Unicode text. */
  readonly text: string;
  readonly tables: readonly StoredTable[];
}

/** The version of a script that runs. */
export interface StoredScript extends ScriptBundle {
  readonly name: string;
  /** Counts up from 1, also over a rollback. */
  readonly version: number;
  /** The plugin whose handler it may dispatch to. */
  readonly handler: string | undefined;
  readonly lenient: boolean;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Scripts in one store. */
export const SCRIPTS_LIMIT = 200;
/** Versions kept of each script, the running one included. */
export const VERSIONS_KEPT = 10;
const TABLES_LIMIT = 16;
/** Characters of manifest and tables together. */
const BUNDLE_LIMIT = 4_194_304;

/** Throws HOST_SCRIPT_NAME, HOST_SCRIPT_LIMIT. */
export function checkBundle(name: string, { text, tables }: ScriptBundle): void {
  if (!NAME.test(name)) throw ServerErrors.HOST_SCRIPT_NAME({ found: name });
  if (tables.length > TABLES_LIMIT) {
    throw ServerErrors.HOST_SCRIPT_LIMIT({ found: tables.length, what: 'tables', limit: TABLES_LIMIT, advice: 'Put several into one.' });
  }
  const size = tables.reduce((sum, table) => sum + table.text.length, text.length);
  if (size <= BUNDLE_LIMIT) return;
  const advice = 'Name the script under scripts.extra in the configuration: its tables are then read from disk.';
  throw ServerErrors.HOST_SCRIPT_LIMIT({ found: size, what: 'characters with its tables', limit: BUNDLE_LIMIT, advice });
}

/** A bundle on its way from the machine where an administrator has the file. */
export interface SentBundle extends ScriptBundle {
  /** The file's name, without folders. */
  readonly file: string;
}

/** As `parley` sends it: JSON of a SentBundle. Throws HOST_SCRIPT_BUNDLE. */
export function readBundle(json: string): SentBundle {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw ServerErrors.HOST_SCRIPT_BUNDLE({ problem: 'it is no JSON' });
  }
  if (isBundle(value)) return value;
  throw ServerErrors.HOST_SCRIPT_BUNDLE({
    problem: 'it needs texts "file" and "text" and a list "tables" of objects with "path" and "text"',
  });
}

function isBundle(value: unknown): value is SentBundle {
  if (typeof value !== 'object' || value === null || !('file' in value) || !('text' in value) || !('tables' in value)) return false;
  return typeof value.file === 'string' && typeof value.text === 'string' && Array.isArray(value.tables) && value.tables.every(isTable);
}

function isTable(value: unknown): value is StoredTable {
  if (typeof value !== 'object' || value === null || !('path' in value) || !('text' in value)) return false;
  return typeof value.path === 'string' && typeof value.text === 'string';
}

/** Tables that never change while their version runs. */
export function bundleFiles(file: string, tables: readonly StoredTable[]): FileSource {
  const texts = new Map(tables.map(({ path, text }) => [tablePath(file, path), text]));
  return {
    read: (path) => {
      const text = texts.get(path);
      if (text === undefined) throw new Error('it was not stored with the script');
      return text;
    },
    watch: () => () => undefined,
  };
}

/** Where a manifest's table is looked for. */
export function tablePath(file: string, path: string): string {
  return resolve(dirname(file), path.replaceAll('\\', '/'));
}

/** The script as a link of the chain. @param handler the instance of the plugin that it names */
export function storedSource(script: StoredScript, handler: object | undefined): ScriptSource {
  const { name, text, tables, version, lenient } = script;
  return {
    name,
    origin: 'store',
    path: name,
    text,
    // A name may be removed and given again: the time tells the two apart.
    revision: `${version} ${script.storedAt} ${script.handler ?? ''} ${lenient}`,
    plugin: undefined,
    handler,
    priority: undefined,
    userServices: false,
    files: bundleFiles(name, tables),
    lenient,
  };
}
