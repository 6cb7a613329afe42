/** Administration commands that plugins add to the `parley` command line; they run inside the server. */
import type { PluginScope } from './scope.ts';

/** A positional argument. */
export interface CommandArgument {
  readonly name: string;
  readonly summary: string;
  readonly optional?: boolean;
  /** The argument names a file on the caller's machine (`-`: standard input); the command receives the file's text instead of its name. */
  readonly file?: boolean;
  /** The argument names a routing script on the caller's machine; the command receives JSON of a `SentBundle`: its text and its tables. */
  readonly script?: boolean;
}

/** An option. Its key in `CommandInput.options` is the long flag in camel case: `--display-name <text>` is `displayName`. */
export interface CommandOption {
  /** `--login <name>` takes a value, `--force` is true or absent. */
  readonly flag: string;
  readonly summary: string;
  /** The value is never logged or echoed, and is asked for without echo when absent on a terminal. */
  readonly secret?: boolean;
  /** A flag that reads this option's value from standard input, such as `--password-stdin`. */
  readonly stdinFlag?: string;
  /**
   * What is wrong with a value, as a sentence, while it is asked for on a terminal: the command judges it again.
   * @param config the plugin's, as the operator's file has it
   */
  check?(value: string, config: unknown, args: Readonly<Record<string, string>>): string | undefined;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  readonly default?: string;
}

/** A column of the table that a command prints. */
export interface CommandColumn {
  /** The property of a row. */
  readonly key: string;
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Never cut to fit a terminal: names that other commands take. */
  readonly whole?: boolean;
}

/** What the caller gave, checked against the command's description. */
export interface CommandInput {
  readonly arguments: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string | boolean>>;
  /** Tells the caller how far a long command has come. */
  readonly progress: (text: string) => void;
  /**
   * Sends rows to the caller while the command runs; resolves when the caller can take more. They are not part of the result.
   * Of use where `stream` is set.
   */
  readonly rows?: (rows: readonly object[]) => Promise<void>;
  /** Aborted when the caller hangs up or the command's time is over. */
  readonly signal: AbortSignal;
}

/** What a command gives back: rows for a table, sentences, or data for `--json`. */
export interface CommandResult {
  /** One object a line of the table. */
  readonly rows?: readonly object[];
  /** Sentences for people, printed after the table. */
  readonly text?: string;
  /** What `--json` prints instead of the rows. */
  readonly data?: unknown;
}

/** A command of `parley` that runs inside the server. */
export interface AdminCommand {
  /** The words that call it: `user add`. */
  readonly path: string;
  readonly summary: string;
  readonly arguments?: readonly CommandArgument[];
  readonly options?: readonly CommandOption[];
  /** Whole command lines, shown by `--help`. */
  readonly examples: readonly string[];
  /** May run while no server listens, on the store alone. */
  readonly offline?: boolean;
  readonly columns?: readonly CommandColumn[];
  /** Sends rows while it runs, and goes on until the caller has enough. */
  readonly stream?: boolean;
  /** Seconds before it is given up; 60 when absent. */
  readonly timeoutSeconds?: number;
  /** Throws a `ParleyError` to fail with a code, a sentence and advice. */
  run(input: CommandInput, scope: PluginScope): CommandResult | Promise<CommandResult>;
}
