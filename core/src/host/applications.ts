/** Routing applications that plugins put into the chain while the server runs: processes that connect and go again. */
import type { HandlerMethods } from '../script/index.ts';
import type { LoadedApplication, ScriptSource } from './script-source.ts';
import { token } from './token.ts';
import type { Token } from './token.ts';

/** An application that somebody brings. */
export interface AttachedApplication {
  /** What operators call it, and unique in the chain: `external/billing`. */
  readonly name: string;
  /** The manifest, Unicode text. */
  readonly text: string;
  /** What diagnostics call the manifest; its flat files are looked for beside it. The name when absent. */
  readonly file?: string;
  /** What its script may dispatch to: a Dispatch to another method is refused with its place. */
  readonly methods: HandlerMethods;
  /** Place in the chain, low numbers first; an operator can give it another one. 500 when absent. */
  readonly priority?: number;
  /** Mend the known faults of published manifests instead of refusing them. */
  readonly lenient?: boolean;
  /** Asked for each message: false lets it pass the application by. Must be quick. Absent: always there. */
  available?(): boolean;
  /** Asked by each Dispatch: true makes it give false, and the script decides what to do. Absent: never. */
  busy?(): boolean;
}

/** An application that is in the chain until it is detached. */
export interface Attachment {
  readonly name: string;
  readonly appUri: string;
  /** Critical errors since it was attached or enabled; the tenth takes it out of the chain (sheet mspl, section 6). */
  readonly criticalErrors: number;
  /** In the chain: enabled by the operator, and not taken out after its tenth critical error. */
  readonly enabled: boolean;
  /** Takes it out of the chain; what it works on ends with it. Calling it again does nothing. */
  detach(): Promise<void>;
}

/** The chain, for plugins. */
export interface Applications {
  /**
   * Puts an application into the chain, or nothing at all: the whole chain is checked with it first, and messages in flight end on
   * the chain that they began on. The plugin's name is `plugin` of what it brings. Before the chain stands, which it does when all
   * plugins have started, the manifest alone is checked at once, and the chain with it then.
   * @throws HOST_SCRIPTS_UNFIT with every fault and its place, HOST_SCRIPT_NAME_TAKEN, HOST_SCRIPT_TWICE, HOST_SCRIPT_ROLE
   */
  attach(application: AttachedApplication): Promise<Attachment>;
}
export const Applications: Token<Applications> = token<Applications>('core.applications');

/**
 * The same as a link of the chain. Where `available` or `busy` throws, it is as if it had not been given: messages come to the application.
 * @param attaching a number that no other attaching had
 * @param failed told what they throw
 */
export function attachedSource(
  plugin: string | undefined,
  application: AttachedApplication,
  attaching: number,
  failed: (plugin: string, where: string, error: unknown) => void,
): ScriptSource {
  const ask = (what: 'available' | 'busy', otherwise: boolean) => (): boolean => {
    try {
      return application[what]?.() === true;
    } catch (error) {
      failed(plugin ?? 'core', `${what} of ${application.name}`, error);
      return otherwise;
    }
  };
  const { name, text, file = name, methods, priority, lenient = false } = application;
  return {
    name,
    origin: 'external',
    path: file,
    text,
    revision: `external ${attaching}`,
    plugin: plugin ?? 'core',
    handler: undefined,
    methods,
    priority,
    userServices: false,
    lenient,
    available: application.available === undefined ? undefined : ask('available', true),
    busy: application.busy === undefined ? undefined : ask('busy', false),
  };
}

/** What whoever attached it gets. @param loaded the application while it is in the chain */
export function attachmentOf(name: string, loaded: () => LoadedApplication | undefined, detach: () => Promise<void>): Attachment {
  return {
    name,
    get appUri() {
      return loaded()?.compiled.appUri ?? '';
    },
    get criticalErrors() {
      return loaded()?.criticalErrors ?? 0;
    },
    get enabled() {
      return loaded()?.disabled === false;
    },
    detach,
  };
}
