/** What these tests use of dns-packet, which brings no types. */
declare module 'dns-packet' {
  interface Packet {
    readonly type?: 'query' | 'response';
    readonly id?: number;
    readonly flags?: number;
    readonly questions?: readonly { readonly type: string; readonly name: string }[];
    readonly answers?: readonly { readonly type: string; readonly name: string; readonly ttl: number; readonly data: unknown }[];
  }
  export const RECURSION_DESIRED: number;
  export const RECURSION_AVAILABLE: number;
  export function decode(bytes: Buffer): Packet;
  export function encode(packet: Packet): Buffer;
}
