/** Who is reachable where, as routing scripts ask it: the plugins that know add a source (`scope.endpoints`). */
import type { Destination, Flow } from '../transport/index.ts';

/** One registered endpoint of a user, as MSPL's RegistrarEndpoint shows it. */
export interface RegisteredEndpoint {
  /** The Request-URI that reaches it. */
  readonly contact: string;
  readonly epid: string | undefined;
  /** `+sip.instance`, without the quotes and angle brackets. */
  readonly instance: string | undefined;
  /** Upper-case methods that it registered (`methods` parameter); empty when it named none. */
  readonly methods: readonly string[];
  /** Preference, 0 to 1000. */
  readonly q: number;
  /** The way to it, when that is a connection, or a UDP socket that it hears only from. */
  readonly flow: Flow | undefined;
  /** Its address, when there is no such way; with neither, its contact says where it is. */
  readonly destination: Destination | undefined;
  /** False when its connection is gone and it has not come back. */
  readonly reachable: boolean;
  /** `Path` URIs in order, RFC 3327. */
  readonly path: readonly string[];
}

/** A plugin that knows endpoints. All answers come from memory: they are asked per message. */
export interface EndpointSource {
  /** The endpoints of a user by `user@host` in lower case; empty when none is known. */
  endpoints(aor: string): readonly RegisteredEndpoint[];
  /** The endpoint that a Request-URI names directly: a contact that was registered, or a GRUU. */
  byContact?(requestUri: string): RegisteredEndpoint | undefined;
  /** The `user@host` that a Request-URI stands for when it is not its own: a phone number, an alias, a GRUU. */
  aorOf?(requestUri: string): string | undefined;
  /** Whether `user@host` is a user who is homed here, registered or not; MSPL's QueryHomeServer. */
  isUser?(aor: string): boolean;
}

/** All sources as one: the first that knows an answer gives it. */
export interface Endpoints {
  endpoints(aor: string): readonly RegisteredEndpoint[];
  byContact(requestUri: string): RegisteredEndpoint | undefined;
  aorOf(requestUri: string): string | undefined;
  isUser(aor: string): boolean;
  /** Somebody keeps registrations: there is a registrar. */
  readonly known: boolean;
}

const NONE: readonly RegisteredEndpoint[] = [];

/** The sources in order of registration. */
export class EndpointSources implements Endpoints {
  private sources: readonly EndpointSource[] = [];

  /** Adds a source; the function that it returns takes it off again. */
  add(source: EndpointSource): () => void {
    this.sources = [...this.sources, source];
    return () => {
      this.sources = this.sources.filter((other) => other !== source);
    };
  }

  get known(): boolean {
    return this.sources.length > 0;
  }

  endpoints(aor: string): readonly RegisteredEndpoint[] {
    for (const source of this.sources) {
      const found = source.endpoints(aor);
      if (found.length > 0) return found;
    }
    return NONE;
  }

  byContact(requestUri: string): RegisteredEndpoint | undefined {
    for (const source of this.sources) {
      const found = source.byContact?.(requestUri);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  aorOf(requestUri: string): string | undefined {
    for (const source of this.sources) {
      const found = source.aorOf?.(requestUri);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  isUser(aor: string): boolean {
    return this.sources.some((source) => source.isUser?.(aor) ?? false);
  }
}
