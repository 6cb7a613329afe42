/** Aggregation: what many endpoints say of one user, as one state. Pure. */
export * from './aggregate-state.ts';
export * from './availability.ts';
export * from './device-document.ts';
export * from './outputs.ts';
export * from './state-document.ts';
