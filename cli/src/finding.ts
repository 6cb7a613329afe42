/** What one check of `parley doctor` found. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do about it; absent when all is well. */
  readonly fix?: string;
}
