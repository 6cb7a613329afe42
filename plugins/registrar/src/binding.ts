/** One registration in memory. At 100,000 of them every field counts: plain values, shared strings, one object. */
import type { Flow, Timer, TransportName } from '@parley/sdk';
import type { Binding } from './api.ts';
import type { MethodSet } from './methods.ts';

/** How an endpoint is reached; see reach.ts. */
export interface Reach {
  readonly transport: TransportName;
  /** The client's connection; undefined for UDP, for an endpoint behind another proxy, and after a restart. */
  readonly flow: Flow | undefined;
  /** UDP: the address that is sent to. '' for connections and for an endpoint behind another proxy, which is found by its Path or Contact. */
  readonly host: string;
  readonly port: number;
  /** UDP: the socket of ours that it registered at, `0.0.0.0:5060`. */
  readonly local: string;
  /** UDP: only what comes from that socket reaches it, for its Contact is not its address or another socket would be taken. */
  readonly pinned: boolean;
}

/** The implicit subscription of an endpoint that registers with `Event: registration`. [MS-SIPREGE] section 3.1.1.4 */
export interface RegistrationSubscriber {
  /** From of its last REGISTER: To of what it is told. */
  readonly from: string;
  /** Our tag, that of the 200. */
  readonly tag: string;
}

/** What a REGISTER says of one endpoint. */
export interface BindingFields extends Reach {
  readonly contact: string;
  readonly q: number;
  readonly expiresAt: number;
  readonly callId: string;
  readonly cseq: number;
  readonly instance: string;
  readonly regId: number;
  readonly epid: string;
  readonly methods: MethodSet;
  readonly path: readonly string[];
  readonly userAgent: string;
  /** Undefined for endpoints that do not want to be told, and since a restart. */
  readonly subscriber: RegistrationSubscriber | undefined;
}

/** A registration. `Bindings` alone changes it. */
export class BindingRecord implements Binding {
  contact: string;
  q: number;
  expiresAt: number;
  refreshedAt: number;
  callId: string;
  cseq: number;
  instance: string;
  regId: number;
  epid: string;
  methods: MethodSet;
  path: readonly string[];
  userAgent: string;
  subscriber: RegistrationSubscriber | undefined;
  transport: TransportName;
  flow: Flow | undefined;
  host: string;
  port: number;
  local: string;
  pinned: boolean;
  lost = false;
  /** Fires at the expiry it was started for, or earlier: a refresh does not touch it. */
  timer: Timer | undefined = undefined;
  /** The expiry that the store knows; 0 before the store knows the binding at all. */
  storedExpiry = 0;
  /** Waits to be written to the store. */
  dirty = false;

  constructor(
    /** Key in the store. */
    readonly id: number,
    readonly aor: string,
    fields: BindingFields,
    readonly registeredAt: number,
  ) {
    this.contact = fields.contact;
    this.q = fields.q;
    this.expiresAt = fields.expiresAt;
    this.refreshedAt = registeredAt;
    this.callId = fields.callId;
    this.cseq = fields.cseq;
    this.instance = fields.instance;
    this.regId = fields.regId;
    this.epid = fields.epid;
    this.methods = fields.methods;
    this.path = fields.path;
    this.userAgent = fields.userAgent;
    this.subscriber = fields.subscriber;
    this.transport = fields.transport;
    this.flow = fields.flow;
    this.host = fields.host;
    this.port = fields.port;
    this.local = fields.local;
    this.pinned = fields.pinned;
  }

  get flowId(): number {
    return this.flow?.id ?? 0;
  }
}
