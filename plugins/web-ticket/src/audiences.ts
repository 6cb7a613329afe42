/** The URLs that tickets may be for: those of services on our own names. [MS-OCAUTHWS] section 3.4, R18 of [MS-OCDISCWS] */
import type { Web } from '@parley/plugin-web/api';

const MAX_URL = 2_048;

/** Paths are compared without regard to case, and their query does not matter. */
export class Audiences {
  private readonly paths = new Map<string, number>();

  constructor(private readonly web: Pick<Web, 'internalUrl' | 'externalUrl'>) {}

  /** Lets tickets for this path be had until the function that it returns is called. @param path from the root */
  offer(path: string): () => void {
    const key = path.toLowerCase();
    this.paths.set(key, (this.paths.get(key) ?? 0) + 1);
    return () => {
      const left = (this.paths.get(key) ?? 1) - 1;
      if (left > 0) this.paths.set(key, left);
      else this.paths.delete(key);
    };
  }

  /** Whether tickets for this URL are issued. */
  isOffered(url: string): boolean {
    const path = this.pathOf(url);
    return path !== undefined && this.paths.has(path);
  }

  /** Whether a ticket for this URL is one for this path of ours. */
  covers(url: string, path: string): boolean {
    return this.pathOf(url) === path.toLowerCase();
  }

  /** The path of a URL on our own names, lower case, without query; undefined for all others. */
  private pathOf(url: string): string | undefined {
    if (url.length > MAX_URL || !URL.canParse(url)) return undefined;
    const { origin, pathname, username, password } = new URL(url);
    if (username !== '' || password !== '') return undefined;
    const own = [this.web.internalUrl, this.web.externalUrl].map((base) => new URL(base).origin);
    return own.includes(origin) ? pathname.toLowerCase() : undefined;
  }
}
