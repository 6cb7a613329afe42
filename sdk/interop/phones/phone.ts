/** What a test does with a phone, whoever made it. */
import type { ParleyServer } from '../server.ts';

/** Transports that phones use. */
export const PHONE_TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
export type PhoneTransport = (typeof PHONE_TRANSPORTS)[number];

/** Who the phone is and how it reaches the server. */
export interface PhoneOptions {
  readonly server: ParleyServer;
  /** User part of its address; the password is PASSWORD. */
  readonly user: string;
  readonly transport: PhoneTransport;
  /** Whom its messages go to: `bob@example.com`. */
  readonly contact: string;
  /** It plays this tone into every call. */
  readonly toneHz: number;
  /** It answers calls by itself; otherwise it rings. */
  readonly answers: boolean;
}

/** A phone that runs. Every promise rejects, with the phone's own output, when what it waits for does not come. */
export interface Phone {
  /** Registered, the server's challenge answered. */
  registered(): Promise<void>;
  call(address: string): void;
  /** From here on `ringing`, `established` and `ended` are about the next call. `call` does it by itself. */
  expectCall(): void;
  answer(): void;
  hangUp(): void;
  /** A MESSAGE to its contact. */
  message(text: string): void;
  ringing(): Promise<void>;
  established(): Promise<void>;
  /** The call, answered or not, is over. */
  ended(): Promise<void>;
  received(text: string): Promise<void>;
  /** Samples of what it heard in the last call that is over. */
  heard(): Int16Array;
  /** Everything it printed. */
  readonly output: string;
  stop(): Promise<void>;
}
