/** What applications have stamped on one request. Sheet mspl 4.6. How stamps look on the wire is not known: they do not leave this server. */
import type { ScriptStamps } from './run.ts';

export class RequestStamps implements ScriptStamps {
  /** By appUri. An application reads its first stamp only, so no other is kept. */
  private readonly byApplication: Map<string, string>;

  constructor(
    private readonly pool: string,
    others?: RequestStamps,
  ) {
    this.byApplication = new Map(others?.byApplication);
  }

  read(appUri: string): { readonly stamp: string; readonly pool: string } | undefined {
    const stamp = this.byApplication.get(appUri);
    return stamp === undefined ? undefined : { stamp, pool: this.pool };
  }

  add(appUri: string, stamp: string): void {
    if (!this.byApplication.has(appUri)) this.byApplication.set(appUri, stamp);
  }
}
