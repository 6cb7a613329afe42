/** The plugin's mechanism in a scope of literals, with a directory of a few users and a challenge that a test can choose. */
import { randomBytes } from 'node:crypto';
import { CHALLENGE_LENGTH, FakeClock, Inbound, NtlmServerExchange, decodeChallenge, installAssociations, ntHash } from '@parley/sdk';
import type { Challenger, Flow, Gate, GateVerdict, PluginScope, SipMessage, SipRequest, Stamp } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import { ntlmMechanism } from '../src/mechanism.ts';
import { NtlmVerifier } from '../src/verifier.ts';

/** Someone who can sign in. */
export interface TestAccount {
  readonly aor: string;
  readonly logins: readonly string[];
  /** undefined: none was ever set. */
  readonly password: string | undefined;
  enabled?: boolean;
}

/** As the directory finds and keeps them. `asked` counts the hashes that were asked for. */
export class TestDirectory {
  asked = 0;

  constructor(private readonly accounts: readonly TestAccount[]) {}

  findById = (id: string): User | undefined => this.user(this.accounts.find(({ aor }) => aor === id));
  findByAor = (aor: string): User | undefined => this.user(this.accounts.find((one) => one.aor === aor.toLowerCase()));
  findByPhone = (): User | undefined => undefined;
  findByLogin = (login: string): User | undefined => {
    const wanted = login.toLowerCase();
    return this.user(this.accounts.find(({ aor, logins }) => aor === wanted || logins.some((one) => one.toLowerCase() === wanted)));
  };

  credential = (id: string | undefined): Buffer | undefined => {
    this.asked++;
    const password = this.accounts.find(({ aor }) => aor === id)?.password;
    return password === undefined ? undefined : ntHash(password);
  };

  private user(account: TestAccount | undefined): User | undefined {
    if (account === undefined) return undefined;
    const { aor, logins, enabled = true } = account;
    const rest = { displayName: '', phones: [], groups: [], homeServer: null, createdAt: 0, passwordChangedAt: 1 };
    return { id: aor, aor, logins, enabled, ...rest };
  }
}

/** Asks the challenge that a recorded client answered. */
class RecordedVerifier extends NtlmVerifier {
  recorded: Buffer | undefined;

  override begin(): NtlmServerExchange {
    const { recorded } = this;
    if (recorded === undefined) return super.begin();
    const target = { netbiosDomain: 'EXAMPLE', netbiosComputer: 'UC', dnsDomain: 'example.com', dnsComputer: 'uc.example.com' };
    return new NtlmServerExchange(target, recorded);
  }
}

/** How a test wants it. */
export interface WorldOptions {
  readonly accounts: readonly TestAccount[];
  readonly targetName?: string;
  readonly now?: number;
  readonly maxClockSkewSeconds?: number;
}

export class World {
  readonly clock: FakeClock;
  readonly directory: TestDirectory;
  readonly verifier: RecordedVerifier;
  readonly lines: string[] = [];
  readonly attempts: string[] = [];
  gate!: Gate;
  stamp!: Stamp;
  challenger!: Challenger;

  constructor(options: WorldOptions) {
    const { targetName = 'uc.example.com', maxClockSkewSeconds = 900 } = options;
    this.clock = new FakeClock(options.now ?? Date.UTC(2026, 0, 5));
    this.directory = new TestDirectory(options.accounts);
    const server = { fqdn: targetName, domains: ['example.com'] };
    this.verifier = new RecordedVerifier(this.directory, this.clock, server, { maxClockSkewSeconds });
    installAssociations(this.scope(server), ntlmMechanism(this.verifier, targetName), {
      accounts: this.directory,
      attempts: {
        refuse: () => undefined,
        failed: (_address, account) => void this.attempts.push(account),
        succeeded: () => undefined,
      },
      endings: [],
    });
  }

  /** From now on this challenge is asked: that of a recorded CHALLENGE. */
  ask(challengeMessage: Buffer): void {
    this.verifier.recorded = Buffer.from(decodeChallenge(challengeMessage).challenge);
  }

  check(message: SipMessage, flow: Flow): { verdict: GateVerdict; inbound: Inbound } {
    const inbound = new Inbound(message as SipRequest, flow);
    return { verdict: this.gate.check(inbound) as GateVerdict, inbound };
  }

  private scope(server: object): PluginScope {
    const note = (_fields: object, text: string): void => void this.lines.push(text);
    const services: Record<string, unknown> = {
      'core.clock': this.clock,
      'core.log': { debug: () => undefined, info: note },
      'core.server': server,
      'core.transport': { onFlowClosed: () => () => undefined },
      'core.bus': {},
    };
    return {
      name: 'auth-ntlm',
      resolve: (wanted: { readonly name: string }) => services[wanted.name],
      gate: (gate: Gate) => void (this.gate = gate),
      stamp: (stamp: Stamp) => void (this.stamp = stamp),
      challenger: (challenger: Challenger) => void (this.challenger = challenger),
      metric: () => undefined,
      onClose: () => undefined,
    } as unknown as PluginScope;
  }
}

/** Bytes of a challenge. */
export function newChallenge(): Buffer {
  return randomBytes(CHALLENGE_LENGTH);
}

/** A client's connection. */
export function flow(): Flow {
  return {
    id: 1,
    transport: 'TLS',
    reliable: true,
    secure: true,
    local: { host: '127.0.0.1', port: 5061 },
    remote: { host: '127.0.0.1', port: 40_000 },
    listener: undefined,
    tlsPeer: '',
    open: true,
    authenticated: false,
    trusted: false,
    hasTlsName: () => false,
    write: () => true,
    close: () => undefined,
  };
}
