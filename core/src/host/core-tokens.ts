/** The services of core that every plugin may inject without requiring them. */
import type { Bus as BusType } from '../bus/index.ts';
import type { Clock as ClockType } from '../clock/index.ts';
import type { Store as StoreType } from '../store/index.ts';
import type { TransactionLayer } from '../transaction/index.ts';
import type { TransportLayer } from '../transport/index.ts';
import type { Dialogs as DialogsType } from './dialogs.ts';
import type { Endpoints as EndpointsType } from './endpoints.ts';
import type { EventPackages as EventPackagesType } from './event-packages.ts';
import type { Log as LogType } from './log.ts';
import type { PluginScope } from './scope.ts';
import type { Telemetry as TelemetryType } from './telemetry.ts';
import { token } from './token.ts';
import type { Token } from './token.ts';

/** The server as a whole. */
export interface Server {
  /** The name that the server goes by in Via, Record-Route and certificates. */
  readonly fqdn: string;
  /** The SIP domains that it serves, lower-case; the first is the default one. */
  readonly domains: readonly string[];
  /** The folder that holds everything the server keeps, absolute. */
  readonly dataDir: string;
  readonly version: string;
  /** `offline`: an administration command runs on the store alone, nothing listens. */
  readonly mode: 'serve' | 'offline';
  /** An offline start that is to fail where a real one would: a plugin looks at the files it needs. `parley doctor` asks for one. */
  readonly rehearsal?: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Whether a host part is one of `domains`, in any case. */
  isLocalDomain(domain: string): boolean;
}
export const Server: Token<Server> = token<Server>('core.server');

/** Writes lines that carry the plugin's name. */
export type Log = LogType;
export const Log: Token<Log> = token<Log>('core.log');

/** The plugin's own configuration: what its schema made of the operator's. Annotate the parameter with `z.output<typeof Schema>`. */
export const PluginConfig: Token<unknown> = token<unknown>('core.config');

/** The plugin's own scope, for a class that registers gates or metrics itself. */
export const Scope: Token<PluginScope> = token<PluginScope>('core.scope');

/** The one database. Annotate the parameter with `Store<MyTables>` to have typed tables. */
export type Store<Tables = unknown> = StoreType<Tables>;
export const Store: Token<Store> = token<Store>('core.store');

/** Time, and the wheel that every timer runs on. */
export type Clock = ClockType;
export const Clock: Token<Clock> = token<Clock>('core.clock');

/** Messages between plugins, and between the nodes of a server. */
export type Bus = BusType;
export const Bus: Token<Bus> = token<Bus>('core.bus');

/** The server's listeners and connections. */
export type Transport = TransportLayer;
export const Transport: Token<Transport> = token<Transport>('core.transport');

/** The server's transactions. */
export type Transactions = TransactionLayer;
export const Transactions: Token<Transactions> = token<Transactions>('core.transactions');

/** The server as a user agent; what a plugin's users of dialogs throw is logged with the plugin's name. */
export type Dialogs = DialogsType;
export const Dialogs: Token<Dialogs> = token<Dialogs>('core.dialogs');

/** Who is reachable where, as all plugins together know it. */
export type Endpoints = EndpointsType;
export const Endpoints: Token<Endpoints> = token<Endpoints>('core.endpoints');

/** The event packages that plugins have named by `scope.eventPackage`. */
export type EventPackages = EventPackagesType;
export const EventPackages: Token<EventPackages> = token<EventPackages>('core.event-packages');

/** Metrics and health of the whole server, for plugins that publish them. */
export type Telemetry = TelemetryType;
export const Telemetry: Token<Telemetry> = token<Telemetry>('core.telemetry');
