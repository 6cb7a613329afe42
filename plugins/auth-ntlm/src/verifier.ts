/** Is this AUTHENTICATE right? The whole decision, apart from limits and challenges. */
import { randomBytes } from 'node:crypto';
import { CHALLENGE_LENGTH, Clock, NtlmServerExchange, PluginConfig, Server, SignInFailure, canSign, inject, injectable } from '@parley/sdk';
import type { NtlmClaim, NtlmTarget } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import { findAccount } from './accounts.ts';
import type { NtlmFailure } from './api.ts';
import type { NtlmConfig } from './config.ts';

/** A session that both sides have the key of. */
export interface NtlmSession {
  readonly user: User;
  readonly key: Buffer;
  readonly flags: number;
}

/** What keeps the NT hash in the directory. */
const MECHANISM = 'nt-hash';
const MAX_ACCOUNT = 256;

/** NetBIOS names are that long at most. [MS-NLMP] section 2.2.2.1 */
const NETBIOS_LENGTH = 15;

/** One for SIP and the web. */
@injectable()
export class NtlmVerifier {
  private readonly target: NtlmTarget;
  /** Stands in for users who do not exist or have no password, so that they cost the same computation. */
  private readonly decoy = randomBytes(16);

  constructor(
    @inject(Directory) private readonly directory: Pick<Directory, 'findByLogin' | 'findByAor' | 'credential'>,
    @inject(Clock) private readonly clock: Pick<Clock, 'now'>,
    @inject(Server) server: Pick<Server, 'fqdn' | 'domains'>,
    @inject(PluginConfig) private readonly config: Pick<NtlmConfig, 'maxClockSkewSeconds' | 'netbiosDomain'>,
  ) {
    const dnsDomain = server.domains[0] as string;
    this.target = {
      netbiosDomain: config.netbiosDomain ?? netbiosName(dnsDomain),
      netbiosComputer: netbiosName(server.fqdn),
      dnsDomain,
      dnsComputer: server.fqdn,
    };
  }

  /** A new exchange with a challenge of its own. */
  begin(): NtlmServerExchange {
    return new NtlmServerExchange(this.target, randomBytes(CHALLENGE_LENGTH));
  }

  /**
   * Judges the answer to the challenge of an exchange. Never throws for what a client sent. The proof is computed and compared
   * before anything else is decided, for users that exist and that do not.
   * @param homeDomain domain that a name without one is looked for in
   * @param mustSign the session is to sign messages
   */
  verify(exchange: NtlmServerExchange, authenticate: Buffer, homeDomain: string, mustSign: boolean): NtlmSession | NtlmFailure {
    try {
      return this.judge(exchange, authenticate, exchange.read(authenticate), homeDomain, mustSign);
    } catch (error) {
      return { cause: 'malformed', detail: (error as Error).message };
    }
  }

  private judge(
    exchange: NtlmServerExchange,
    authenticate: Buffer,
    claim: NtlmClaim,
    homeDomain: string,
    mustSign: boolean,
  ): NtlmSession | NtlmFailure {
    const { directory } = this;
    const { message, response } = claim;
    const name = message.domain === '' ? message.user : `${message.domain}\\${message.user}`;
    const user = findAccount(directory, message.user, message.domain, homeDomain);
    const account = user?.id ?? name.toLowerCase().slice(0, MAX_ACCOUNT);
    const kept = directory.credential(user?.id, MECHANISM);
    const key = exchange.prove(authenticate, claim, kept ?? this.decoy);
    if (response === undefined) {
      return {
        cause: 'unsupported',
        account,
        detail: `the client of ${name} answers with NTLMv1; set its LmCompatibilityLevel to 3 or more`,
      };
    }
    if (user === undefined) return { cause: 'credentials', account, detail: SignInFailure.unknownName(name) };
    if (kept === undefined) return { cause: 'credentials', account, detail: SignInFailure.noPassword(user.aor) };
    if (key === undefined) return { cause: 'credentials', account, detail: SignInFailure.wrongPassword(name, user.aor) };
    const skewMs = response.time - this.clock.now();
    if (this.config.maxClockSkewSeconds > 0 && Math.abs(skewMs) > this.config.maxClockSkewSeconds * 1000) {
      const minutes = Math.round(skewMs / 60_000);
      return {
        cause: 'skew',
        account,
        detail: `the clock of the computer of ${user.aor} is ${minutes} minutes off; set it, or this server's`,
      };
    }
    if (!user.enabled) return { cause: 'disabled', account, detail: SignInFailure.disabled(user.aor) };
    if (mustSign && !canSign(message.flags)) {
      return {
        cause: 'unsupported',
        account,
        detail: `the client of ${name} wants NTLM without extended session security or 128-bit keys`,
      };
    }
    return { user, key, flags: message.flags };
  }
}

/** `uc.example.com`: UC. */
function netbiosName(name: string): string {
  return (name.split('.', 1)[0] as string).toUpperCase().slice(0, NETBIOS_LENGTH);
}
