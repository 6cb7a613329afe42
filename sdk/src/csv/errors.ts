/** What makes a file unreadable as CSV. */
import { errorTable } from '@parley/core';

/** Errors of reading CSV. */
export const CsvErrors = errorTable({
  CSV_MALFORMED: {
    sentence: 'Line {line} is not CSV: {problem}.',
    fix: 'Save the file as comma-separated values in UTF-8, with quotes around values that have commas, quotes or line breaks (RFC 4180).',
  },
});
