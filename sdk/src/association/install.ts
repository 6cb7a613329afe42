/** Puts a mechanism to work in a server. */
import { Bus, Clock, Log, Server, Transport, repeat } from '@parley/core';
import type { PluginScope, Subject } from '@parley/core';
import type { AssociationAccounts } from './accounts.ts';
import { challengeValue } from './answers.ts';
import { AssociationTable } from './association-table.ts';
import { FlowAssociations } from './flow-associations.ts';
import { AssociationGate } from './gate.ts';
import { HandshakeRunner } from './handshake-runner.ts';
import type { AssociationMechanism, AssociationScheme, SessionKeys } from './mechanism.ts';
import { AssociationOutcomes } from './outcomes.ts';
import { PendingHandshakes } from './pending-handshakes.ts';
import { AssociationStamp } from './stamp.ts';

/** Attempts that must wait; `SignInAttempts` of the directory fits as it is. */
export interface AttemptLimits {
  /** Why an attempt may not be answered now, or undefined. `account` need not exist. */
  refuse(address: string, account: string, now: number): { readonly retryAfterSeconds: number } | undefined;
  failed(address: string, account: string, now: number): void;
  succeeded(address: string, account: string): void;
}

/** What the associations of one mechanism work with. */
export interface AssociationOptions {
  readonly accounts: AssociationAccounts;
  readonly attempts: AttemptLimits;
  /** Bus subjects that end every association of the user they name: disabled, password changed, removed. */
  readonly endings: readonly Subject<{ readonly id: string; readonly aor: string }>[];
  /** The oldest protocol version that is accepted: 4 when absent. In 2 and 3 the message that ends the handshake is not signed. */
  readonly oldestVersion?: 2 | 3 | 4;
}

/** Associations as other parts of the same plugin see them. */
export interface Associations {
  /** Those of this mechanism on open connections. */
  readonly size: number;
  /** Handshakes of this mechanism that are under way. */
  readonly pending: number;
  /** Ends what a predicate names, such as the associations of a revoked certificate; their keys still sign what goes out. */
  endWhere(condition: (association: EndedAssociation) => boolean, reason: string): void;
}

/** One association that may have to end. */
export interface EndedAssociation {
  readonly userId: string;
  readonly aor: string;
  /** Those that the mechanism made: it knows what they stand for. */
  readonly keys: SessionKeys;
}

/** Place among all challengers, in the order in which Lync lists them; see gate.ts of core. */
const CHALLENGE_ORDER = { NTLM: 10, Kerberos: 20, 'TLS-DSK': 30 } as const satisfies Record<AssociationScheme, number>;
const SWEEP_MS = 5000;
const DEFAULT_OLDEST_VERSION = 4;

/**
 * Registers the gate (order 200), the stamp (order 1000), the challenger, the metrics and the sweeping of this mechanism's
 * associations. Call it in the plugin's `setup`, in a server that serves.
 */
export function installAssociations(scope: PluginScope, mechanism: AssociationMechanism, options: AssociationOptions): Associations {
  const { accounts, attempts, endings, oldestVersion = DEFAULT_OLDEST_VERSION } = options;
  const clock = scope.resolve(Clock);
  const log = scope.resolve(Log);
  const transport = scope.resolve(Transport);
  const { fqdn } = scope.resolve(Server);
  const bus = scope.resolve(Bus);
  const table = new AssociationTable();
  const pending = new PendingHandshakes((opaque) => table.has(opaque));
  const outcomes = new AssociationOutcomes();
  const handshakes = new HandshakeRunner({ mechanism, table, pending, accounts, attempts, clock, log, outcomes, fqdn, oldestVersion });
  scope.gate(new AssociationGate({ mechanism, name: scope.name, table, handshakes, accounts, clock, outcomes, fqdn }));
  scope.stamp(new AssociationStamp(scope.name, mechanism));
  const challenge = [challengeValue(mechanism)];
  scope.challenger({
    name: scope.name,
    order: CHALLENGE_ORDER[mechanism.scheme],
    // Every client of the family names its endpoint in From ([MS-SIPRE] section 3.1); plain phones do not.
    suits: ({ message, flow }) => message.from.epid !== undefined || FlowAssociations.of(flow) !== undefined,
    challenge: () => challenge,
  });

  const endWhere = (condition: (association: EndedAssociation) => boolean, reason: string): void => {
    const count = table.endWhere(condition);
    if (count > 0) log.info({ associations: count, scheme: mechanism.scheme }, `clients have to sign in again: ${reason}`);
  };
  for (const subject of endings) {
    scope.onClose(bus.subscribe(subject, ({ id, aor }) => endWhere(({ userId }) => userId === id, `${subject.name} ${aor}`)));
  }
  scope.onClose(
    transport.onFlowClosed((flow) => {
      pending.flowClosed(flow);
      FlowAssociations.flowClosed(flow);
    }),
  );
  scope.onClose(repeat(clock, SWEEP_MS, () => pending.sweep(clock.now())));
  scope.onClose(() => pending.cancelAll());
  registerMetrics(scope, mechanism.scheme, table, pending, outcomes);
  return {
    get size() {
      return table.size;
    },
    get pending() {
      return pending.size;
    },
    endWhere,
  };
}

function registerMetrics(
  scope: PluginScope,
  scheme: string,
  table: AssociationTable,
  pending: PendingHandshakes,
  outcomes: AssociationOutcomes,
): void {
  const prefix = `parley_${scope.name.replaceAll('-', '_')}`;
  scope.metric({
    name: `${prefix}_associations`,
    help: `Security associations of ${scheme}`,
    type: 'gauge',
    collect: () => [{ labels: {}, value: table.size }],
  });
  scope.metric({
    name: `${prefix}_handshakes`,
    help: `Handshakes of ${scheme} that are under way`,
    type: 'gauge',
    collect: () => [{ labels: {}, value: pending.size }],
  });
  scope.metric({
    name: `${prefix}_messages_total`,
    help: `Messages of clients that sign in by ${scheme}, by what became of them`,
    type: 'counter',
    labels: ['outcome'],
    collect: () => outcomes.samples(),
  });
}
