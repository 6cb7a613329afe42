/** Presence as plain SIP clients know it. RFC 3863, 4479, 4480. */

/** What a PIDF document says, in terms of states. */
export interface PlainPresence {
  /** What its machine is, for a machineState: 3500, 5000, 15500 or 18500. */
  readonly machine: number;
  /** What its user does, for a phoneState bound to the same endpoint; undefined: nothing beyond being there. */
  readonly doing?: { readonly availability: number; readonly token?: string | undefined } | undefined;
  /** At most 1024 characters. */
  readonly note?: string | undefined;
}

/** Reads the body of a PUBLISH or NOTIFY. Throws PRESENCE_DOCUMENT_*. */
export function readPidf(body: Buffer | string): PlainPresence {
  void body;
  return { machine: 18_500 };
}

/** State documents to be stored as if the phone had published them; `doing` undefined: none. */
export function statesOfPidf(presence: PlainPresence): { readonly machine: string; readonly doing: string | undefined } {
  void presence;
  return { machine: '', doing: undefined };
}

/** What a presence document is made of. */
export interface ShownPresence {
  readonly aor: string;
  readonly displayName?: string | undefined;
  readonly availability: number;
  readonly token?: string | undefined;
  readonly note?: string | undefined;
}

/** The document for watchers, `CONTENT_TYPES.pidf`. */
export function pidfDocument(presence: ShownPresence): string {
  void presence;
  return '';
}
