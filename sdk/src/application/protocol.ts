/** What a server and an application in another process say to each other. One frame is one object of these; `type` says which. */
import { createHmac } from 'node:crypto';

/** Version of this protocol; both sides have to speak the same. */
export const PROTOCOL_VERSION = 1;

/** Bytes of a frame before the application has said who it is. */
export const FIRST_FRAME_BYTES = 4_096;

/** A header's name and value, as Unicode text. */
export type WireHeader = readonly [name: string, value: string];

/** Argument of Dispatch. */
export type WireValue = string | number | boolean | null;

/** A request as it travels between server and application. */
export interface WireRequest {
  readonly method: string;
  readonly uri: string;
  /** In order. */
  readonly headers: readonly WireHeader[];
  /** Base64; absent without one, or when the script has set MarshalContent to false. */
  readonly body?: string;
}

/** A response as it travels between server and application. */
export interface WireResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly WireHeader[];
  readonly body?: string;
}

/** Changes to a message before it goes on. */
export interface WireChanges {
  /** Request-URI. */
  readonly uri?: string;
  /** All values of each header that is to change; none remove it. */
  readonly headers?: readonly (readonly [name: string, values: readonly string[]])[];
  /** Base64. */
  readonly body?: string;
  readonly contentType?: string;
}

/** A stamp that is on a message, as an application sees it. */
export interface WireStamp {
  readonly stamp: string;
  readonly server: string;
  readonly pool: string;
}

/** From the server. */
export type ServerFrame =
  | {
      readonly type: 'hello';
      readonly protocol: number;
      readonly server: string;
      /** Hexadecimal; see attachProof. */ readonly nonce: string;
    }
  | { readonly type: 'welcome'; /** What the operator calls the application. */ readonly name: string; readonly frameBytes: number }
  | { readonly type: 'attached'; readonly name: string }
  | { readonly type: 'refused'; readonly code: string; readonly message: string; readonly fix: string }
  | {
      readonly type: 'request';
      readonly transaction: number;
      /** What the script has dispatched to. */
      readonly call: string;
      readonly parameters: readonly WireValue[];
      readonly message: WireRequest;
      /** Who sent it, when that is verified. */
      readonly sender?: string;
      readonly routed: boolean;
      readonly fixedRoute: boolean;
      readonly stamps: readonly WireStamp[];
      /** Milliseconds within which the server wants to hear what becomes of it. */
      readonly patience: number;
    }
  | {
      readonly type: 'response';
      readonly event: number;
      readonly transaction: number;
      /** Of the fork that the application has made, else absent. */
      readonly branch?: number;
      /** What the script has dispatched to; absent for what the application has asked to see. */
      readonly call?: string;
      readonly message: WireResponse;
    }
  | { readonly type: 'notification'; readonly call: string; readonly parameters: readonly WireValue[] }
  /** The sender has withdrawn the request; what was not decided has been answered 487. */
  | { readonly type: 'cancelled'; readonly transaction: number }
  /** Nothing was decided in time: the server has done without. */
  | { readonly type: 'timedOut'; readonly transaction: number }
  /** Nothing more comes of this transaction. */
  | { readonly type: 'ended'; readonly transaction: number; /** Final status that was sent; 0: none. */ readonly status: number }
  /** The final answer to a request of the application's own; of several endpoints the best one. */
  | { readonly type: 'answer'; readonly request: number; readonly message: WireResponse }
  /** Something that the application has said was not done. */
  | {
      readonly type: 'fault';
      readonly transaction?: number;
      readonly event?: number;
      readonly request?: number;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'ping' }
  | { readonly type: 'bye'; readonly reason: string };

/** One target of a fork. */
export interface WireTarget {
  /** Chosen by the application; comes back with responses. */
  readonly branch: number;
  readonly uri: string;
  /** 0..1: lower ones are tried when higher ones have failed. */
  readonly q?: number;
  readonly timeoutMs?: number;
  /** Show me its responses, and wait for pass or drop. */
  readonly watch?: boolean;
}

/** An end of a dialog: who sent the request that began it, or who has answered that. */
export type DialogSide = 'caller' | 'callee';

/** A dialog that began with a request which the application has decided, and the end that a request inside it goes to. */
export interface WireWithin {
  readonly transaction: number;
  readonly side: DialogSide;
}

/** From the application. */
export type ApplicationFrame =
  | { readonly type: 'authenticate'; readonly protocol: number; readonly application: string; readonly proof?: string }
  | { readonly type: 'attach'; readonly manifest: string; readonly calls: readonly string[] }
  | {
      readonly type: 'respond';
      readonly transaction: number;
      readonly status: number;
      readonly reason?: string;
      readonly headers?: readonly WireHeader[];
      readonly body?: string;
      readonly contentType?: string;
    }
  | {
      readonly type: 'proxy';
      readonly transaction: number;
      readonly changes?: WireChanges;
      readonly stamp?: string;
      readonly watch?: boolean;
    }
  | {
      readonly type: 'fork';
      readonly transaction: number;
      readonly targets: readonly WireTarget[];
      readonly changes?: WireChanges;
      readonly stamp?: string;
    }
  /** The application cannot handle it. */
  | { readonly type: 'fail'; readonly transaction: number }
  | { readonly type: 'pass'; readonly event: number; readonly changes?: WireChanges }
  | { readonly type: 'drop'; readonly event: number }
  /** A request of the application's own: to `uri`, or inside a dialog. */
  | {
      readonly type: 'send';
      /** Chosen by the application; comes back with the answer. */
      readonly request: number;
      readonly method: string;
      readonly uri?: string;
      /** From value without a tag, of a domain of the server; the application's own address when absent. */
      readonly from?: string;
      /** To value; the uri when absent. */
      readonly to?: string;
      readonly within?: WireWithin;
      readonly headers?: readonly WireHeader[];
      /** Base64. */
      readonly body?: string;
      readonly contentType?: string;
    }
  | { readonly type: 'pong' };

/** Headers that an application cannot change, lower-case. */
export const READ_ONLY_HEADERS: ReadonlySet<string> = new Set(
  'via v from f to t call-id i cseq max-forwards content-length l record-route ms-application-via'.split(' '),
);

/** Shows that the application knows its secret: HMAC-SHA256 over the server's nonce, a space and the appUri, in hexadecimal. */
export function attachProof(secret: string, nonce: string, appUri: string): string {
  return createHmac('sha256', secret).update(`${nonce} ${appUri}`).digest('hex');
}
