/** One wait for the disk serves everybody who asks while the one before is under way. */

export class GroupSync {
  private running = false;
  private waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  /** After the disk has failed once nobody knows what of earlier writes it has kept: no later success counts. */
  private failure: { readonly error: unknown } | undefined = undefined;

  /** @param sync waits until everything that was written before it was called has reached the disk */
  constructor(private readonly sync: () => Promise<void>) {}

  /** Resolves when what has been written so far is on the disk. Rejects, from the first failure on, with what `sync` failed with. */
  reached(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      const served = this.waiting;
      this.waiting = [];
      try {
        if (this.failure === undefined) await this.sync();
      } catch (error) {
        this.failure = { error };
      }
      for (const { resolve, reject } of served) {
        if (this.failure === undefined) resolve();
        else reject(this.failure.error);
      }
    }
    this.running = false;
  }
}
