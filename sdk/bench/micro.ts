/** Small figures without a network: parsing, forwarding, the price of a routing script. */

/** Operations a second or time an operation. */
export interface MicroReport {
  readonly text: string;
  readonly figures: object;
}

/** Measures on the current core. */
export function micro(_quick: boolean): Promise<MicroReport | undefined> {
  return Promise.resolve(undefined);
}
