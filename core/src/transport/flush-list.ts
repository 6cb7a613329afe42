/** Joins all that is written to one connection during one turn of the event loop into one system call. */

/** Something with queued bytes. */
export interface Flushable {
  /** Hands queued bytes to the kernel. Must not throw. */
  flush(): void;
}

/**
 * Connections with something to send. They are flushed after the turn's input has been read: with 32 busy connections that is
 * one write each for all the messages that one poll brought, and no waiting when there is little to do.
 */
export class FlushList {
  private waiting: Flushable[] = [];
  private spare: Flushable[] = [];
  private scheduled = false;

  /** To be called once by each that begins to queue; it may be called again after its flush. */
  add(item: Flushable): void {
    this.waiting.push(item);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.run);
  }

  private readonly run = (): void => {
    this.scheduled = false;
    const batch = this.waiting;
    this.waiting = this.spare;
    for (const item of batch) item.flush();
    batch.length = 0;
    this.spare = batch;
  };
}
