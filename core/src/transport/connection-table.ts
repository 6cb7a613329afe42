/** All connections: by id, by the address that they reach, and how many there are from where. */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Connection } from './connection.ts';
import type { Destination } from './flow.ts';
import type { TransportLimits } from './options.ts';
import type { DropCause } from './stats.ts';

/** Ids are small integers to the engine, and eight hexadecimal digits at most on the wire. */
const MAX_ID = 0x7fff_ffff;

/** What of a listener counts for its bound. */
export interface Accepting {
  accepted: number;
  readonly maxConnections: number;
}

/** A socket that has been accepted and is not yet a connection. */
interface HalfOpen {
  readonly socket: Socket;
  readonly since: number;
  readonly overdue: () => void;
}

export class ConnectionTable {
  private readonly byId = new Map<number, Connection>();
  private readonly outgoing = new Map<string, Connection>();
  private readonly aliases = new Map<string, Connection>();
  private readonly perAddress = new Map<string, number>();
  private readonly handshakes = new Map<string, HalfOpen>();
  private sockets = 0;
  // An id that a client kept from before a restart must not name another client's connection now.
  private lastId = randomInt(MAX_ID);

  constructor(private readonly limits: TransportLimits) {}

  get size(): number {
    return this.byId.size;
  }

  get halfOpen(): number {
    return this.handshakes.size;
  }

  /** Sockets of whatever state. */
  get openSockets(): number {
    return this.sockets;
  }

  /** The open connection of that id. */
  get(id: number): Connection | undefined {
    const connection = this.byId.get(id);
    return connection?.open === true ? connection : undefined;
  }

  all(): IterableIterator<Connection> {
    return this.byId.values();
  }

  nextId(): number {
    do {
      this.lastId = this.lastId === MAX_ID ? 1 : this.lastId + 1;
    } while (this.byId.has(this.lastId));
    return this.lastId;
  }

  add(connection: Connection): void {
    this.byId.set(connection.id, connection);
    if (connection.destination !== undefined) this.outgoing.set(outgoingKey(connection.destination), connection);
  }

  /** RFC 5923: from now on the connection is a way to a port of its peer's address. One that is open already stays. */
  addAlias(connection: Connection): void {
    const key = aliasKey(connection.transport, connection.remote.host, connection.aliasPort);
    if (this.aliases.get(key)?.open !== true) this.aliases.set(key, connection);
  }

  /** An open connection that reaches a destination: one that we opened for it, or one that its peer aliased and that is still trusted for it. */
  reaching(destination: Destination): Connection | undefined {
    const ours = this.outgoing.get(outgoingKey(destination));
    if (ours?.open === true) return ours;
    const theirs = this.aliases.get(aliasKey(destination.transport, destination.host, destination.port));
    if (theirs?.open !== true) return undefined;
    const mayBeUsed = destination.transport === 'TLS' ? theirs.hasTlsName(destination.serverName ?? destination.host) : theirs.trusted;
    return mayBeUsed ? theirs : undefined;
  }

  remove(connection: Connection): void {
    this.byId.delete(connection.id);
    const { destination, transport, remote, aliasPort } = connection;
    if (destination !== undefined) removeValue(this.outgoing, outgoingKey(destination), connection);
    if (aliasPort > 0) removeValue(this.aliases, aliasKey(transport, remote.host, aliasPort), connection);
  }

  /**
   * Counts a socket in, or says which bound forbids it. Each socket that is counted in must be released.
   * @param listener undefined for a connection that we open, which only the total bounds
   */
  admit(address: string, listener: Accepting | undefined, handshakes: boolean): DropCause | undefined {
    if (this.sockets >= this.limits.maxConnections) return 'connectionCap';
    if (listener !== undefined) {
      if (listener.accepted >= listener.maxConnections) return 'listenerCap';
      if ((this.perAddress.get(address) ?? 0) >= this.limits.maxConnectionsPerAddress) return 'addressCap';
      if (handshakes && this.handshakes.size >= this.limits.maxHalfOpen) return 'halfOpenCap';
      this.perAddress.set(address, (this.perAddress.get(address) ?? 0) + 1);
      listener.accepted++;
    }
    this.sockets++;
    return undefined;
  }

  release(address: string, listener: Accepting | undefined): void {
    this.sockets--;
    if (listener === undefined) return;
    listener.accepted--;
    const left = (this.perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.perAddress.set(address, left);
    else this.perAddress.delete(address);
  }

  /** @param overdue told when it has taken too long and is ended */
  beginHandshake(key: string, socket: Socket, now: number, overdue: () => void): void {
    this.handshakes.set(key, { socket, since: now, overdue });
  }

  /** True when that handshake was still under way. */
  endHandshake(key: string): boolean {
    return this.handshakes.delete(key);
  }

  /** Ends the handshakes that take too long. */
  endOverdueHandshakes(now: number): void {
    for (const [key, { socket, since, overdue }] of this.handshakes) {
      if (now - since < this.limits.handshakeMs) break; // they stand in the order of their beginning
      this.handshakes.delete(key);
      socket.destroy();
      overdue();
    }
  }

  /** Every socket that is not yet a connection. */
  *unfinished(): IterableIterator<Socket> {
    for (const { socket } of this.handshakes.values()) yield socket;
  }
}

/** Names one socket while it is open, for those who see it first bare and then wrapped in TLS. */
export function socketKey(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`;
}

export function outgoingKey(destination: Destination): string {
  const { transport, host, port, serverName } = destination;
  return transport === 'TLS' ? `TLS ${host} ${port} ${serverName ?? host}` : `${transport} ${host} ${port}`;
}

function aliasKey(transport: string, host: string, port: number): string {
  return `${transport} ${host} ${port}`;
}

function removeValue(map: Map<string, Connection>, key: string, connection: Connection): void {
  if (map.get(key) === connection) map.delete(key);
}
