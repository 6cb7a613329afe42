/** The registrations of this server: in memory at once, in the store soon, gone when their time or their connection is. */
import {
  Bus,
  Clock,
  Log,
  PluginConfig,
  Server,
  Store,
  Transport,
  inject,
  injectable,
  instanceOfGr,
  instanceOfOpaque,
  sameInstance,
} from '@parley/sdk';
import type { Flow, ForkTarget, Lifecycle, SipUri } from '@parley/sdk';
import { Bound, Unbound } from './api.ts';
import type { Binding, EndpointLookup, Location, UnboundReason } from './api.ts';
import { fromRow } from './binding-row.ts';
import type { RegistrarTables } from './binding-row.ts';
import { BindingRecord } from './binding.ts';
import type { BindingFields } from './binding.ts';
import { BindingTable, addressOf } from './binding-table.ts';
import type { RegistrarConfig } from './config.ts';
import { Journal } from './journal.ts';
import { MethodSets } from './methods.ts';
import { UdpSockets, targetOf } from './reach.ts';
import type { ReachTransport } from './reach.ts';
import { SharedStrings } from './shared-strings.ts';

/** Rows read at a time when the server starts. */
const PAGE = 5000;

/** What the registrar needs of the transport. */
export type BindingsTransport = ReachTransport & Pick<Transport, 'onFlowClosed'>;

/** Keeps bindings and answers where users are. */
@injectable()
export class Bindings implements Location, Lifecycle {
  readonly methods = new MethodSets();
  readonly strings = new SharedStrings();
  /** Bindings of the store that could not be read when the server started. */
  unreadable = 0;
  /** Told of each registration that ends, while its connection is still known. @param others whether others are registered on that */
  onEnded: (record: BindingRecord, reason: UnboundReason, others: boolean) => void = () => undefined;
  private readonly table = new BindingTable();
  private readonly journal: Journal | undefined;
  readonly sockets: UdpSockets;
  private readonly removeFlowListener: () => void;
  private nextId = 1;
  private closing = false;

  constructor(
    @inject(PluginConfig) private readonly config: Pick<RegistrarConfig, 'persist'>,
    @inject(Transport) transport: BindingsTransport,
    @inject(Clock) private readonly clock: Clock,
    @inject(Bus) private readonly bus: Pick<Bus, 'publish'>,
    @inject(Store) private readonly store: Store<RegistrarTables>,
    @inject(Log) private readonly log: Log,
    @inject(Server) private readonly server: Pick<Server, 'mode'>,
  ) {
    this.sockets = new UdpSockets(transport);
    this.journal = config.persist ? new Journal(store, clock, log) : undefined;
    this.removeFlowListener = transport.onFlowClosed((flow) => this.flowClosed(flow));
  }

  /** Brings back what was registered when the server stopped. */
  async start(): Promise<void> {
    if (!this.config.persist || this.server.mode === 'offline') return;
    const now = this.clock.now();
    await this.store.write(async (trx) => void (await trx.deleteFrom('registrar_bindings').where('expires_at', '<=', now).execute()), {
      durable: false,
    });
    let last = 0;
    for (;;) {
      const rows = await this.store.read
        .selectFrom('registrar_bindings')
        .selectAll()
        .where('id', '>', last)
        .orderBy('id')
        .limit(PAGE)
        .execute();
      for (const row of rows) {
        last = row.id;
        const record = fromRow(row, this.methods, (text) => this.strings.of(text));
        if (record === undefined) this.unreadable++;
        else this.hold(record);
      }
      if (rows.length < PAGE) break;
    }
    this.nextId = last + 1;
    if (this.unreadable > 0)
      this.log.warn(
        { rows: this.unreadable },
        'registrations in the store could not be read; their endpoints come back with their next refresh',
      );
    if (this.size > 0)
      this.log.info({ registrations: this.size, waiting: this.table.lost }, 'registrations are back from before the restart');
  }

  /** Connections that close from now on do so because the server does: their endpoints stay registered for the next start. */
  drain(): void {
    this.closing = true;
  }

  async stop(): Promise<void> {
    this.closing = true;
    this.removeFlowListener();
    for (const record of this.table.all()) this.clock.timers.cancel(record.timer);
    await this.journal?.flush();
  }

  get size(): number {
    return this.table.size;
  }

  /** Addresses with at least one registration. */
  get addresses(): number {
    return this.table.addresses;
  }

  /** Registrations that wait for their endpoint since a restart. */
  get lost(): number {
    return this.table.lost;
  }

  /** What the last attempt to write to the store failed with; undefined when it succeeded. */
  get storeFailure(): unknown {
    return this.journal?.failure;
  }

  bindings(aor: string): readonly Binding[] {
    const records = this.table.of(aor);
    return this.table.lost === 0 ? records : records.filter((record) => !record.lost);
  }

  byGruu(uri: SipUri): EndpointLookup | undefined {
    const instance = gruuInstance(uri);
    if (instance === undefined) return undefined;
    const aor = addressOf(uri);
    let binding: Binding | undefined;
    for (const candidate of this.bindings(aor)) {
      if (!sameInstance(candidate.instance, instance)) continue;
      if (binding === undefined || candidate.refreshedAt >= binding.refreshedAt) binding = candidate;
    }
    return { aor, binding };
  }

  byContact(uri: SipUri): Binding | undefined {
    const found = this.table.withContact(uri).filter((record) => !record.lost);
    const cid = uri.params.get('ms-received-cid');
    if (typeof cid === 'string') return found.find((record) => record.flowId === Number.parseInt(cid, 16));
    // Phones behind two NATs may have the same private address: then the Contact alone does not say who is meant.
    return found.every((record) => record.aor === found[0]?.aor) ? found.at(-1) : undefined;
  }

  target(binding: Binding): ForkTarget | undefined {
    return targetOf(binding as BindingRecord, this.sockets);
  }

  /** All of an address, those that wait for their endpoint included. */
  held(aor: string): readonly BindingRecord[] {
    return this.table.of(aor);
  }

  /** Every registration. */
  all(): IterableIterator<BindingRecord> {
    return this.table.all();
  }

  add(aor: string, fields: BindingFields, now: number): void {
    const record = new BindingRecord(this.nextId++, aor, fields, now);
    this.hold(record);
    this.journal?.changed(record);
    this.bus.publish(Bound, endpointOf(record));
  }

  update(record: BindingRecord, fields: BindingFields, now: number): void {
    const moved = record.flow !== fields.flow || record.lost;
    const reached = moved || record.contact !== fields.contact || record.host !== fields.host || record.port !== fields.port;
    const shorter = fields.expiresAt < record.expiresAt;
    this.table.update(record, fields);
    record.refreshedAt = now;
    if (shorter) this.startTimer(record, now);
    if (reached) this.journal?.changed(record);
    else this.journal?.refreshed(record);
    if (moved) this.bus.publish(Bound, endpointOf(record));
  }

  remove(record: BindingRecord, reason: UnboundReason): void {
    if (!this.table.remove(record)) return;
    this.clock.timers.cancel(record.timer);
    // Whoever still holds it sees that it is over.
    record.expiresAt = 0;
    this.journal?.removed(record);
    this.onEnded(record, reason, record.flow !== undefined && this.table.onFlow(record.flow.id).length > 0);
    this.bus.publish(Unbound, { ...endpointOf(record), reason });
  }

  /** Ends every registration of an address and says how many there were. */
  removeAll(aor: string, reason: UnboundReason): number {
    const records = this.table.of(aor);
    for (const record of records) this.remove(record, reason);
    return records.length;
  }

  /** A timer is up: the binding has expired, or was refreshed since the timer was started. */
  onTimer(record: BindingRecord): void {
    record.timer = undefined;
    const now = this.clock.now();
    if (record.expiresAt > now) this.startTimer(record, now);
    else this.remove(record, 'expired');
  }

  private hold(record: BindingRecord): void {
    this.table.add(record);
    this.startTimer(record, this.clock.now());
  }

  private startTimer(record: BindingRecord, now: number): void {
    this.clock.timers.cancel(record.timer);
    record.timer = this.clock.timers.start(record.expiresAt - now, this.expire, record);
  }

  private readonly expire = (record: unknown): void => this.onTimer(record as BindingRecord);

  private flowClosed(flow: Flow): void {
    if (this.closing) return;
    for (const record of this.table.onFlow(flow.id)) this.remove(record, 'disconnected');
  }
}

/** The instance that an endpoint GRUU names; '' for one that no endpoint can have; undefined when the URI is no endpoint GRUU. */
function gruuInstance(uri: SipUri): string | undefined {
  const opaque = uri.params.get('opaque');
  if (typeof opaque === 'string' && uri.params.has('gruu') && /^user:/i.test(opaque)) return instanceOfOpaque(opaque) ?? NOBODY;
  const gr = uri.params.get('gr');
  return typeof gr === 'string' ? (instanceOfGr(gr) ?? NOBODY) : undefined;
}

/** Equal to the instance of no endpoint, not even of those that have none. */
const NOBODY = 'nobody';

function endpointOf(record: BindingRecord): { aor: string; epid: string; instance: string; contact: string } {
  return { aor: record.aor, epid: record.epid, instance: record.instance, contact: record.contact };
}
