/** One run at a time: those who ask while it is under way share its answer, or its failure. */
export function sharing<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= run().finally(() => (running = undefined));
    return running;
  };
}
