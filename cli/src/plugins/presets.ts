/** What servers are for: choices of plugins that `parley init` offers. */
import { CATALOGUE } from './catalogue.ts';
import type { CataloguePlugin } from './catalogue.ts';

/** A ready choice of plugins. */
export interface Preset {
  readonly title: string;
  /** Half a sentence for the prompt. */
  readonly hint: string;
  readonly plugins: readonly string[];
  /** Lines of the configuration, two spaces in, that the choice needs beside its plugins. */
  readonly settings?: string;
}

const SIP = ['pki', 'directory', 'auth-digest', 'registrar', 'routing', 'options', 'metrics'];
/** What clients of the Communicator family need besides; docs/connect-a-client.md. */
const COMMUNICATOR = [
  'auth-ntlm',
  'auth-tls-dsk',
  'web',
  'web-ticket',
  'autodiscover',
  'provisioning',
  'contacts',
  'presence',
  'diagnostics',
];
/** A client that fetches its first certificate keeps its SIP connection waiting meanwhile. */
const FIRST_CERTIFICATE = `  // A client that fetches its first certificate keeps its SIP connection waiting meanwhile.
  limits: { unauthenticatedSeconds: 90 },
`;

/** By the value of `--preset`. `custom` is a choice of one's own, so it has none here. */
export const PRESETS = {
  im: {
    title: 'IM and presence',
    hint: 'Communicator and Lync clients, and SIP phones beside them',
    plugins: [...SIP, ...COMMUNICATOR],
    settings: FIRST_CERTIFICATE,
  },
  full: {
    title: 'Full',
    hint: 'everything that needs nothing set up beside the server',
    plugins: CATALOGUE.filter(({ setup }) => setup === undefined).map(({ name }) => name),
    settings: FIRST_CERTIFICATE,
  },
  sip: { title: 'SIP only', hint: 'phones, soft phones and gateways', plugins: SIP },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof PRESETS;

/** Values of `--preset`. */
export const PRESET_NAMES: readonly string[] = [...Object.keys(PRESETS), 'custom'];

/** The preset of that name; undefined for `custom` and for what is none. */
export function presetNamed(name: string): Preset | undefined {
  return Object.hasOwn(PRESETS, name) ? PRESETS[name as PresetName] : undefined;
}

/** The plugins of these names, in the order of the catalogue. */
export function catalogued(names: readonly string[]): readonly CataloguePlugin[] {
  return CATALOGUE.filter(({ name }) => names.includes(name));
}
