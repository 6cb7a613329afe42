/** A promise with the two ends that settle it. `Promise.withResolvers` is younger than the Node.js that applications may run on. */

/** The promise, and what fulfils or rejects it. */
export interface Settleable<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** Makes one. */
export function settleable<T>(): Settleable<T> {
  let ends: Omit<Settleable<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject };
  });
  return { promise, ...(ends as unknown as Omit<Settleable<T>, 'promise'>) };
}
