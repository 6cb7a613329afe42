/** Method names. RFC 3261 and its extensions, and the methods of the protocol sheets. */

/** Strings that other rooms compare with are the same objects here: the comparison is one of pointers. */
const METHODS = new Map<string, string>();
for (const method of 'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK SUBSCRIBE NOTIFY PUBLISH INFO REFER MESSAGE UPDATE SERVICE BENOTIFY NEGOTIATE'.split(
  ' ',
)) {
  METHODS.set(method, method);
}

/** True for the methods of the RFCs and of the protocol sheets. Case counts. */
export function isKnownMethod(method: string): boolean {
  return METHODS.has(method);
}

/** The method that stands from `start` to `end`. */
export function methodText(text: string, start: number, end: number): string {
  const written = text.slice(start, end);
  return METHODS.get(written) ?? written;
}
