/** Bodies as pidgin-sipe 1.25.0 sent them. */
import { readFileSync } from 'node:fs';

/** A body by its name in `captures`. */
export function captured(name: string): Buffer {
  return readFileSync(new URL(`captures/${name}.xml`, import.meta.url));
}
