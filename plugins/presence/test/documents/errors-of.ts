/** How a reader refuses. */
import { ParleyError } from '@parley/sdk';

/** Code and status of the error that `read` throws; undefined when it throws none. Errors that are no ParleyError go through. */
export function refusal(read: () => unknown): readonly [code: string, status: number | undefined] | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return [error.code.replace('PRESENCE_DOCUMENT_', ''), error.status];
  }
}

/** Markup without the white space that the sheet's examples have between elements. */
export function compact(markup: string): string {
  return markup.replaceAll(/>\s+</g, '><').trim();
}
