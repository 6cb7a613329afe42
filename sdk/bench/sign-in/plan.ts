/** What the benchmark, the server's plugin and the load process tell each other. Types and constants alone. */

/** Mechanisms that are measured. */
export const SIGN_IN_SCHEMES = ['ntlm', 'tls-dsk', 'kerberos'] as const;
export type SignInScheme = (typeof SIGN_IN_SCHEMES)[number];

export const DOMAIN = 'bench.example';
export const FQDN = 'uc.bench.example';
/** Of the users; its lower-case form is their domain. */
export const KERBEROS_REALM = 'BENCH.EXAMPLE';
export const PASSWORD = 'Benchmark-1-phrase!';

/** Numbers of those on a user's contact list. */
export function contactsOf(user: number, contacts: number, users: number): readonly number[] {
  return Array.from({ length: contacts }, (_, i) => (user + 1 + i) % users);
}

/** Address of record of the user with this number. */
export function aorOf(user: number): string {
  return `user${user}@${DOMAIN}`;
}

/** Configuration of the plugin that fills the server. */
export interface FillPlan {
  readonly users: number;
  /** A PKCS#10 request, DER in base64: every user gets a certificate for the same key. Absent: none gets one. */
  readonly csr?: string;
  /** Where the certificates go: a JSON list of PEM texts by the user's number. */
  readonly certificates?: string;
}

/** What the load process does; its only argument is this as JSON. */
export interface LoadPlan {
  readonly scheme: SignInScheme;
  readonly port: number;
  /** Connections, each of a user of its own. */
  readonly users: number;
  /** Sign-ins under way at once. */
  readonly atOnce: number;
  /** PEM: the key of all certificates, and the file that the server's plugin wrote. */
  readonly key?: string;
  readonly certificates?: string;
  /** File with the key of the service, which the tickets are made with. */
  readonly keytab?: string;
  /** People on the contact list, who are subscribed to in one batch: those who follow the user by number, round and round. */
  readonly contacts: number;
  /** `rate`: sign in again and again for so many seconds after a warm-up. `hold`: sign in once, then ping every 30 seconds until killed. */
  readonly mode: 'rate' | 'hold';
  readonly seconds: number;
}

/** What the load process prints, one JSON object a line. */
export interface LoadReport {
  readonly completed: number;
  readonly failed: number;
  /** The first failure, for people. */
  readonly reason: string;
  readonly seconds: number;
  /** Milliseconds of one sign-in. */
  readonly p50: number;
  readonly p99: number;
  /** Part of its core that the load process used. */
  readonly load: number;
}
