/** One user in memory: what is committed, and the changes that wait for their turn. */
import type { Timer } from '@parley/sdk';
import type { PresenceState } from './presence-state.ts';

/** One change of this user, run when those before it are committed. */
export type Turn = () => Promise<void>;

export class Presentity {
  /** Runs when the next instance is over. */
  timer: Timer | undefined = undefined;
  /** The user is disabled: watchers are shown nothing. */
  hidden = false;
  /** The user is no more: nothing of it runs later. */
  gone = false;
  private readonly turns: Turn[] = [];
  private busy = false;

  /** @param state as committed */
  constructor(
    /** Id in the directory. */
    readonly userId: string,
    /** Address of record. */
    readonly aor: string,
    public state: PresenceState,
  ) {}

  /** Changes that are not committed yet. */
  get waiting(): number {
    return this.turns.length + (this.busy ? 1 : 0);
  }

  /** Runs `turn` behind those that were asked for before. It must not reject. */
  queue(turn: Turn): void {
    this.turns.push(turn);
    if (!this.busy) void this.run();
  }

  private async run(): Promise<void> {
    this.busy = true;
    for (let turn = this.turns.shift(); turn !== undefined; turn = this.turns.shift()) await turn();
    this.busy = false;
  }
}
