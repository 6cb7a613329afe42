/** Error codes of the store. */
import { errorTable } from '../errors/index.ts';

/** Errors of the store and the data folder. */
export const StoreErrors = errorTable({
  STORE_FOLDER_UNUSABLE: {
    sentence: 'The data folder {folder} cannot be used: {reason}.',
    fix: 'Give `dataDir` a folder that the user who runs the server may create or write to.',
  },
  STORE_FOLDER_IN_USE: {
    sentence: 'The data folder {folder} is in use by another server ({holder}).',
    fix: 'Stop that server first, or give this one a `dataDir` of its own. The lock ends with the process: there is no file to delete.',
  },
  STORE_OPEN_FAILED: {
    sentence: 'The database {database} cannot be opened: {reason}.',
    fix: 'Check that it exists, that the server may use it, and that `store` in the configuration describes it.',
  },
  STORE_COMMIT_FAILED: {
    sentence: 'The database did not keep a change: {reason}.',
    fix: 'Check that its disk has space and that it is reachable; nothing of the change was kept, and it may be tried again.',
    status: 500,
  },
  STORE_WRITE_TIMEOUT: {
    sentence: 'A write took longer than {seconds} s and was undone.',
    fix: 'Do the waiting (for the network, for other writes) before `store.write`, and only the database work in it.',
    status: 500,
  },
  STORE_WRITE_NESTED: {
    sentence: 'A write was asked for inside another write, which would wait for itself.',
    fix: 'Use the `trx` that the outer write passes.',
    status: 500,
  },
  STORE_WRITE_OVER: {
    sentence: 'A transaction was used after its write had ended.',
    fix: 'Await every query inside `store.write`, and keep `trx` to it.',
    status: 500,
  },
  STORE_OVERLOADED: {
    sentence: '{count} writes wait for the database already.',
    fix: 'Try again later; if it lasts, the database is too slow for the load.',
    status: 503,
  },
  STORE_CLOSED: {
    sentence: 'The database is closed.',
    fix: 'Nothing to do: the server is stopping.',
    status: 503,
  },
  STORE_MIGRATION_FAILED: {
    sentence: 'Migration {owner}/{name} failed and was undone: {reason}.',
    fix: 'Mend what it complains of and start again; migrations before it are kept.',
  },
  STORE_NEWER: {
    sentence: 'The database has been migrated by a newer version of {owner}: it knows {unknown}, which this version does not.',
    fix: 'Run the version that made the change, or restore a backup from before it.',
  },
  STORE_MIGRATION_ORDER: {
    sentence: 'Migration {owner}/{name} comes before {applied}, which is applied already.',
    fix: 'Name new migrations so that they sort behind all that were ever released.',
  },
});
