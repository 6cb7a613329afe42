/** What the parley command's exit codes mean; `parley --help` prints them. */

export const EXIT = {
  ok: 0,
  /** The command was understood and failed: the sentence says why. */
  failed: 1,
  /** Unknown command or option, a missing argument. */
  usage: 2,
  /** No server answers on this data folder, and the command needs one. */
  notRunning: 3,
  /** The configuration cannot be used. */
  config: 4,
  /** A fault in Parley itself. */
  internal: 70,
} as const;

export const EXIT_HELP = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no server is running, 4 configuration cannot be used, 70 fault in Parley.`;
