export { ParleyError, errorTable, declaredErrors } from './error-table.ts';
export type { ErrorEntry, ErrorTable, ErrorSlots, ErrorDetail } from './error-table.ts';
export { reasonOf } from './reason.ts';
