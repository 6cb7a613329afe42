/** Critical errors of scripts and what too many of them cost. Sheet mspl 6. */
import type { ApplicationChain } from './chain.ts';
import type { ChainedApplication } from './chain-index.ts';
import type { RunOutcome } from './run.ts';

/** An application that has made this many critical errors is taken out of the chain. */
export const CRITICAL_ERROR_LIMIT = 10;

/** Adds a run's critical errors to the application's account and takes it out of the chain at the tenth (MSPL R44). */
export function countErrors(application: ChainedApplication, outcome: RunOutcome, chain: ApplicationChain): void {
  if (outcome.criticalErrors === 0) return;
  application.criticalErrors += outcome.criticalErrors;
  if (application.criticalErrors < CRITICAL_ERROR_LIMIT || application.disabled) return;
  application.disabled = true;
  chain.reports.disabled(application);
}
