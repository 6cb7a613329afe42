/** Method names. RFC 3261 and its extensions, and the methods of the protocol sheets. */

const METHODS =
  'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK SUBSCRIBE NOTIFY PUBLISH INFO REFER MESSAGE UPDATE SERVICE BENOTIFY NEGOTIATE'.split(' ');

/** The methods by the code of their first letter. */
const BY_INITIAL: readonly (readonly string[])[] = Array.from({ length: 256 }, (_, code) =>
  METHODS.filter((method) => method.charCodeAt(0) === code),
);

/** True for the methods of the RFCs and of the protocol sheets. Case counts. */
export function isKnownMethod(method: string): boolean {
  return METHODS.includes(method);
}

/** The method that stands from `start` to `end`. A known one is always the same string object, so that comparing it is comparing pointers. */
export function methodText(text: string, start: number, end: number): string {
  for (const method of BY_INITIAL[text.charCodeAt(start)] as readonly string[]) {
    if (method.length === end - start && text.startsWith(method, start)) return method;
  }
  return text.slice(start, end);
}
