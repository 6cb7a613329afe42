/** Is this ticket good, and whose is it? The whole decision, for SIP and for the web. */
import { isAbsolute, join } from 'node:path';
import {
  Clock,
  ENCTYPES,
  KerberosTokenAcceptor,
  Log,
  PluginConfig,
  ReplayCache,
  Server,
  SignInFailure,
  inject,
  injectable,
  principalText,
} from '@parley/sdk';
import type { Accepted, HandshakeFailure, HealthResult, MetricSample, MicContext, RefusalReason } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import type { KerberosRefused, KerberosService } from './api.ts';
import type { KerberosConfig } from './config.ts';
import { KeytabFile } from './keytab-file.ts';
import { RealmAccounts } from './realm-accounts.ts';

/** A client that the KDC and the directory know. */
export interface VerifiedTicket {
  readonly kind: 'accepted';
  readonly user: User;
  readonly principal: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly mic: MicContext;
  /** AP-REP, when the client asked for it. */
  readonly reply: Buffer | undefined;
}

/** What clients and limits get to know of a refusal. */
const CAUSES = {
  malformed: 'malformed',
  unsupported: 'unsupported',
  service: 'credentials',
  'no-key': 'credentials',
  weak: 'unsupported',
  altered: 'credentials',
  mismatch: 'credentials',
  skew: 'skew',
  expired: 'credentials',
  'not-yet-valid': 'skew',
  transited: 'credentials',
  replayed: 'credentials',
  busy: 'unsupported',
} as const satisfies Record<RefusalReason, HandshakeFailure>;

const MAX_ACCOUNT = 256;

/** One for the server. Accepts nothing before `open`. */
@injectable()
export class TicketVerifier {
  private readonly file: KeytabFile;
  private readonly accounts: RealmAccounts;
  private readonly acceptor: KerberosTokenAcceptor;
  private readonly replays: ReplayCache;
  private readonly outcomes = new Map<string, number>();

  constructor(
    @inject(Directory) directory: Pick<Directory, 'findByLogin' | 'findByAor'>,
    @inject(Clock) private readonly clock: Pick<Clock, 'now'>,
    @inject(Log) log: Pick<Log, 'info' | 'error'>,
    @inject(Server) server: Pick<Server, 'fqdn' | 'dataDir'>,
    @inject(PluginConfig) config: KerberosConfig,
  ) {
    const { keytab, skewSeconds, maxRemembered, maxRememberedPerUser, realms } = config;
    const enctypes = new Set(
      ENCTYPES.filter(({ name }) => config.enctypes.some((allowed) => allowed === name)).map(({ number }) => number),
    );
    const path = isAbsolute(keytab) ? keytab : join(server.dataDir, keytab);
    this.file = new KeytabFile({ file: path, spn: config.spn ?? `sip/${server.fqdn}`, enctypes }, log);
    this.accounts = new RealmAccounts(directory, realms, () => this.file.keytab);
    const skewMs = skewSeconds * 1000;
    this.replays = new ReplayCache(maxRemembered, maxRememberedPerUser, 2 * skewMs);
    this.acceptor = new KerberosTokenAcceptor({ keytab: () => this.file.keytab, enctypes, skewMs, replays: this.replays });
  }

  /** Reads the keytab. Throws AUTH_KERBEROS_* or KERBEROS_KEYTAB_*. */
  open(): void {
    this.file.open();
  }

  /** Authenticators that are remembered. */
  get remembered(): number {
    return this.replays.size;
  }

  /** Judges a GSS-API token; a good one is used up. Throws nothing for what a client sent. */
  verify(token: Buffer, service: KerberosService): VerifiedTicket | KerberosRefused {
    const verdict = this.acceptor.accept(token, service, this.clock.now());
    if (verdict.kind === 'accepted') return this.owner(verdict);
    return this.refused(verdict.reason, CAUSES[verdict.reason], verdict.detail);
  }

  /** Reads the keytab again when it has changed, and forgets old authenticators. Never throws. */
  refresh(): void {
    this.file.refresh();
    this.replays.sweep(this.clock.now());
  }

  health(): HealthResult {
    return this.file.health();
  }

  /** Tickets by what became of them. */
  samples(): readonly MetricSample[] {
    return [...this.outcomes].map(([outcome, value]) => ({ labels: { outcome }, value }));
  }

  /** Counts a refusal and says it. */
  refused(outcome: string, cause: HandshakeFailure, detail: string, account?: string): KerberosRefused {
    this.count(outcome);
    return { kind: 'refused', cause, detail, ...(account !== undefined && { account: account.slice(0, MAX_ACCOUNT) }) };
  }

  private owner({ client, expiresAt, mic, reply }: Accepted): VerifiedTicket | KerberosRefused {
    const principal = principalText(client);
    const account = this.accounts.find(client);
    if (account.kind === 'realm') {
      const detail = `the KDC vouches for ${principal}, but users of ${client.realm} may not sign in; add the realm to realms if they should`;
      return this.refused('realm', 'credentials', detail, principal.toLowerCase());
    }
    if (account.kind === 'nobody') {
      const detail = `the KDC vouches for ${principal}, but nobody has that sign-in name; parley user change URI --login ${principal} adds it, or map the realm in realms`;
      return this.refused('nobody', 'credentials', detail, principal.toLowerCase());
    }
    const { user } = account;
    if (!user.enabled) {
      return this.refused('disabled', 'disabled', SignInFailure.disabled(user.aor), user.id);
    }
    this.count('accepted');
    return { kind: 'accepted', user, principal, expiresAt, mic, reply };
  }

  private count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }
}
