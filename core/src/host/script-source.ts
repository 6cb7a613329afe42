/** Where the routing scripts of a chain come from, and what an operator has decided about each. */
import type { ChainedApplication, FileSource } from '../script/index.ts';

/** The package of a plugin, `scripts.extra` of the configuration, the store, or an application that is connected. */
export type ScriptOrigin = 'plugin' | 'config' | 'store' | 'external';

/** A script that is to be in the chain. */
export interface ScriptSource {
  /** `registrar/routes.am`; an operator's script goes by its file name. Unique in a chain. */
  readonly name: string;
  readonly origin: ScriptOrigin;
  /** What diagnostics name, and where its flat files are looked for: absolute for a file, the script's name for a stored one. */
  readonly path: string;
  readonly text: string;
  /** Changes whenever text or tables do: an application whose name and revision are the same stays as it is, counters and all. */
  readonly revision: string;
  /** Undefined for the operator's own. */
  readonly plugin: string | undefined;
  /** An instance whose methods it may dispatch to. */
  readonly handler: object | undefined;
  /** The same, by name, for what is no instance of a class: comes before `handler`. */
  readonly methods?: ChainedApplication['handler'];
  /** Low numbers see a request first; undefined: by what the manifest says, see chain-assembly.ts. */
  readonly priority: number | undefined;
  /** The application that homes users: MSPL's UserServices. */
  readonly userServices: boolean;
  /** What is not done while it is switched off; undefined: its plugin does not say. */
  readonly without?: string | undefined;
  /** Where its flat files are read; the file system when absent. */
  readonly files?: FileSource;
  /** Mend the known faults of published manifests. */
  readonly lenient?: boolean;
  readonly available?: (() => boolean) | undefined;
  readonly busy?: (() => boolean) | undefined;
}

/** Where in the chain an operator wants an application: by number, or beside another one. */
export type Place =
  { readonly kind: 'priority'; readonly priority: number } | { readonly kind: 'before' | 'after'; readonly anchor: string };

/** What an operator has decided about one application, whatever it came from. */
export interface ApplicationSettings {
  readonly enabled: boolean;
  /** How often it was enabled: each time clears what was counted against it, on every node. */
  readonly enables: number;
  readonly place: Place | undefined;
  /** Of two that want the same place the one with the higher number, placed later, gets it; the other moves behind it. */
  readonly sequence: number;
}

/** An application in a chain that a server has put together. */
export interface LoadedApplication extends ChainedApplication {
  readonly source: ScriptSource;
}

/** Where a script comes from, in a sentence. */
export function originText({ origin, plugin }: Pick<ScriptSource, 'origin' | 'plugin'>): string {
  if (origin === 'plugin') return `the plugin ${plugin ?? ''}`;
  if (origin === 'external') return `an application that ${plugin ?? 'a plugin'} has attached`;
  return origin === 'config' ? 'the configuration (scripts.extra)' : 'the store';
}
