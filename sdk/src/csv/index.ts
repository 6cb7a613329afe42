/** Comma-separated values: what administrators bring and take away. */
export { CSV_LIMITS, readCsv } from './read.ts';
export type { CsvLimits, CsvRecord } from './read.ts';
export { csvLine } from './write.ts';
export { CsvErrors } from './errors.ts';
