/** A SIP server that can be measured: Parley, or the server it is measured against. */

/** What the generator sends in one run; also which listeners matter. */
export const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
/** Transport of a case, as the generator spells it. */
export type Transport = (typeof TRANSPORTS)[number];

/** A started server. Ports are on 127.0.0.1. */
export interface Running {
  readonly ports: { readonly [T in Transport]: number };
  /** Every process of the server; their memory is added up. */
  pids(): number[];
  /** False once the server is gone by itself. */
  alive(): boolean;
  /** The last lines of its log, to say why it died. */
  log(): string;
  stop(): Promise<void>;
}

/** Files both servers use, so that neither has the cheaper key. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What a subject is started with. */
export interface StartOptions {
  /** An empty folder of its own; removed by the caller. */
  readonly folder: string;
  /** SIP domain of the users. */
  readonly domain: string;
  /** Core to pin every process to. */
  readonly core: number;
  readonly certificate: Certificate;
}

/** How to start one server, again and again. */
export interface Subject {
  readonly name: string;
  /** Undefined: it can be measured here. Otherwise a sentence: what is missing and how to get it. */
  unavailable(): string | undefined;
  /** For the report's head. */
  version(): string;
  start(options: StartOptions): Promise<Running>;
}
