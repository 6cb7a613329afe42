/** The environment variables that a server reads: secrets and addresses that do not belong into a file, and what containers set. */
import { nearestName } from '../script/index.ts';
import { foundText } from './config-faults.ts';
import type { Fault } from './config-faults.ts';

/** One variable, as documentation and `parley doctor` show it. */
export interface EnvironmentVariable {
  readonly name: string;
  /** The field of the configuration that it replaces. */
  readonly path: readonly string[];
  readonly summary: string;
  /** What its text means; a string is the complaint. */
  readonly read: (text: string, present: unknown) => { readonly value: unknown } | string;
}

const asText = (text: string): { readonly value: unknown } => ({ value: text });
const asList = (text: string): { readonly value: unknown } => ({
  value: text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
});

/** Every variable but those of plugins: `PARLEY_PLUGIN_<NAME>_<FIELD>` replaces one field of a plugin's configuration. */
export const ENVIRONMENT: readonly EnvironmentVariable[] = [
  { name: 'PARLEY_DOMAINS', path: ['domains'], summary: 'SIP domains, separated by commas', read: asList },
  { name: 'PARLEY_FQDN', path: ['fqdn'], summary: 'Name that the server goes by', read: asText },
  {
    name: 'PARLEY_LISTEN',
    path: ['listen'],
    summary:
      'Listeners, separated by commas: udp:0.0.0.0:5060,tls:[::]:5061. Settings of a listener of the file with the same transport are kept',
    read: readListeners,
  },
  { name: 'PARLEY_DATA_DIR', path: ['dataDir'], summary: 'Data folder', read: asText },
  {
    name: 'PARLEY_STORE_URL',
    path: ['store'],
    summary: 'PostgreSQL database: postgres://user:password@host:5432/database',
    read: (text, present) => ({
      value: { ...(isRecord(present) && present['kind'] === 'postgres' ? present : {}), kind: 'postgres', url: text },
    }),
  },
  { name: 'PARLEY_LOG_LEVEL', path: ['log', 'level'], summary: 'Least important line that is written', read: asText },
  { name: 'PARLEY_LOG_FILE', path: ['log', 'file'], summary: 'File to log to', read: asText },
];

const PLUGIN_PREFIX = 'PARLEY_PLUGIN_';

/** What the environment changed, and what of it could not be read. */
export interface Overridden {
  readonly input: Record<string, unknown>;
  readonly faults: readonly Fault[];
  /** Path text of each field that was replaced, with the variable's name. */
  readonly origins: ReadonlyMap<string, string>;
}

/** Puts the variables of `env` over the fields of `input`, which stays as it is. Empty variables count as absent. */
export function override(input: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv): Overridden {
  const changed: Record<string, unknown> = { ...input };
  const faults: Fault[] = [];
  const origins = new Map<string, string>();
  for (const variable of ENVIRONMENT) {
    const text = env[variable.name];
    if (text === undefined || text === '') continue;
    const read = variable.read(text, at(changed, variable.path));
    if (typeof read === 'string') faults.push({ path: variable.name, found: foundText(text, [variable.name]), allowed: read });
    else {
      put(changed, variable.path, read.value);
      origins.set(variable.path.join('.'), variable.name);
    }
  }
  return { input: changed, faults, origins };
}

/**
 * The fields of one plugin's configuration that the environment sets: PARLEY_PLUGIN_AUTH_DIGEST_NONCE_SECONDS=60 is
 * `nonceSeconds: 60` of `auth-digest`. Numbers, true, false and JSON lists or objects are read as such.
 */
export function pluginOverrides(plugin: string, env: NodeJS.ProcessEnv): Readonly<Record<string, unknown>> {
  const prefix = `${PLUGIN_PREFIX}${plugin.toUpperCase().replaceAll('-', '_')}_`;
  const fields: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || text === undefined || text === '') continue;
    const field = name
      .slice(prefix.length)
      .toLowerCase()
      .replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    fields[field] = scalar(text);
  }
  return fields;
}

/** Variables that look like ones of Parley and mean nothing, each with the one that was probably meant. */
export function unknownVariables(
  env: NodeJS.ProcessEnv,
  plugins: readonly string[],
): readonly { readonly name: string; readonly meant: string | undefined }[] {
  const known = ENVIRONMENT.map(({ name }) => name);
  const prefixes = plugins.map((plugin) => `${PLUGIN_PREFIX}${plugin.toUpperCase().replaceAll('-', '_')}_`);
  return Object.keys(env)
    .filter((name) => name.startsWith('PARLEY_') && !known.includes(name) && !prefixes.some((prefix) => name.startsWith(prefix)))
    .map((name) => ({ name, meant: nearestName(name, known) }));
}

function readListeners(text: string, present: unknown): { readonly value: unknown } | string {
  const known: readonly unknown[] = Array.isArray(present) ? present : [];
  const listeners: unknown[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(udp|tcp|tls|ws|wss):(\[[0-9a-f:.]+\]|[0-9.]+):(\d{1,5})\s*$/i.exec(part);
    if (match === null) return 'listeners such as udp:0.0.0.0:5060,tls:[::]:5061';
    const [, transport = '', host = '', port] = match;
    const like = known.find((listener) => isRecord(listener) && listener['transport'] === transport.toLowerCase());
    listeners.push({
      ...(isRecord(like) ? like : {}),
      transport: transport.toLowerCase(),
      host: host.replace(/^\[|\]$/g, ''),
      port: Number(port),
    });
  }
  return { value: listeners };
}

function scalar(text: string): unknown {
  if (!/^(true|false|-?\d+(\.\d+)?|[[{].*)$/s.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function at(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const step of path) value = isRecord(value) ? value[step] : undefined;
  return value;
}

function put(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    root[first] = value;
    return;
  }
  const inner = root[first];
  const copy: Record<string, unknown> = isRecord(inner) ? { ...inner } : {};
  put(copy, rest, value);
  root[first] = copy;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
