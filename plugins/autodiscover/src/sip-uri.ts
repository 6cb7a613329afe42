/** The address in the query of a request: `sipuri=alice@example.com`, escaped or not, with `sip:` or without. [MS-OCDISCWS] section 3.1 */

const PARAMETER = /[?&]sipuri=([^&#]*)/i;
const ADDRESS = /^[^\s@<>"':;/?\\]{1,200}@((?!-)[a-z0-9.-]{1,253})$/i;
/** Limit of the user store. [MS-OCDISCWS] section 5 */
const MAX_URI = 454;

/** The address without `sip:`. */
export interface QueriedAddress {
  readonly address: string;
  /** Lower case. */
  readonly domain: string;
}

/** What the URL of a request asks about: undefined when it names nobody, `malformed` when it names nobody who can be. */
export function queriedAddress(url: string): QueriedAddress | undefined | 'malformed' {
  const escaped = PARAMETER.exec(url)?.[1];
  if (escaped === undefined || escaped === '') return undefined;
  const text = unescaped(escaped);
  const domain = text.length > MAX_URI ? undefined : ADDRESS.exec(text.replace(/^sips?:/i, ''))?.[1];
  return domain === undefined ? 'malformed' : { address: text.replace(/^sips?:/i, ''), domain: domain.toLowerCase() };
}

/** As it goes into a link: clients of 2010 leave the @ as it is. */
export function addressQuery({ address }: QueriedAddress): string {
  return `sipuri=${encodeURIComponent(address).replace('%40', '@')}`;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
