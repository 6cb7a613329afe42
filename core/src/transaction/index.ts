export { TransactionLayer } from './transaction-layer.ts';
export { ServerTransaction } from './server-transaction.ts';
export type { ServerState } from './server-transaction.ts';
export { ClientTransaction } from './client-transaction.ts';
export type { ClientState, ClientUser } from './client-transaction.ts';
export { DEFAULT_TRANSACTION_OPTIONS } from './options.ts';
export type { TransactionCounters, TransactionOptions, TransactionSizes, TransactionTransport } from './options.ts';
export { TransactionErrors } from './errors.ts';
