/** What `parley new` can make. */

/** A kind of plugin; its files are in cli/templates. */
export interface PluginKind {
  readonly title: string;
  /** Half a sentence for the prompt. */
  readonly hint: string;
  /** Packages that its sources import, by the names of their plugins. */
  readonly uses: readonly string[];
  /** Plugins that its tests import, and those that tests of calls will. */
  readonly testedWith: readonly string[];
  /** It has an `api.ts` for other plugins. */
  readonly offersApi?: boolean;
}

/** What a test of a whole call needs. */
const CALLS = ['directory', 'registrar', 'routing'] as const;

/** By the value of `--kind`. */
export const PLUGIN_KINDS = {
  handler: { title: 'Handler', hint: 'answers requests that its script dispatches to it', uses: [], testedWith: CALLS },
  service: {
    title: 'Service',
    hint: 'provides a token for other plugins, with a table in the store',
    uses: [],
    testedWith: CALLS,
    offersApi: true,
  },
  web: { title: 'Web', hint: 'a route on the HTTPS host', uses: ['web'], testedWith: [...CALLS, 'pki'] },
  'script-only': {
    title: 'Script only',
    hint: 'a routing script with a table, without code',
    uses: [],
    testedWith: CALLS,
  },
  mcu: { title: 'MCU', hint: 'the other side of dialogs: a conference', uses: [], testedWith: CALLS },
  gateway: { title: 'Gateway', hint: 'takes calls to an address outside', uses: [], testedWith: CALLS },
} as const satisfies Readonly<Record<string, PluginKind>>;

export type PluginKindName = keyof typeof PLUGIN_KINDS;

/** A kind of script. */
export interface ScriptKind {
  /** Half a sentence for the prompt. */
  readonly hint: string;
  /** What `parley script trace` is told besides the message, for the script to have something to do. */
  readonly traceOptions?: readonly string[];
}

/** By the value of `--kind`. */
export const SCRIPT_KINDS = {
  block: { hint: 'refuses who stands in a table' },
  redirect: { hint: 'tells callers where to call instead' },
  forward: { hint: 'gives calls to deputies in a table' },
  header: { hint: 'marks requests from outside with a header' },
  content: { hint: 'refuses messages by what they say' },
  group: { hint: 'rings all endpoints of a group', traceOptions: ['--user', 'anna=sip:192.0.2.21', 'bob=sip:192.0.2.22'] },
} as const satisfies Readonly<Record<string, ScriptKind>>;

export type ScriptKindName = keyof typeof SCRIPT_KINDS;
