/** `parley status --watch`: the figures again every second, with rates. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerConfig } from '@parley/core';
import { connect } from './admin-command.ts';
import { CliErrors } from './errors.ts';
import type { Output } from './output.ts';

const EVERY_MS = 1_000;
const CLEAR = '\u001b[2J\u001b[H';

interface Item {
  readonly item: string;
  readonly value: unknown;
}

/** A figure and how fast it grows. */
export interface RatedItem extends Item {
  readonly perSecond: string;
}

/** Adds rates to those figures that grew since `before`. */
export function withRates(now: readonly Item[], before: readonly Item[], seconds: number): RatedItem[] {
  const earlier = new Map(before.map(({ item, value }) => [item, value]));
  return now.map(({ item, value }) => {
    const last = earlier.get(item);
    const grown = typeof value === 'number' && typeof last === 'number' ? value - last : 0;
    return { item, value, perSecond: grown > 0 ? (grown / seconds).toFixed(grown / seconds < 10 ? 1 : 0) : '' };
  });
}

/** Shows the running server's figures until the process is interrupted or the server goes away. Throws CLI_NOT_RUNNING. */
export async function watchStatus(config: ServerConfig, output: Output): Promise<void> {
  const client = await connect(config);
  if (client === undefined) throw CliErrors.CLI_NOT_RUNNING({ folder: config.dataDir });
  let before: readonly Item[] = [];
  for (;;) {
    const { rows = [] } = await client.call('status', {});
    const items = rows as readonly Item[];
    if (output.interactive) output.print(CLEAR);
    output.table(withRates(items, before, EVERY_MS / 1000), [
      { key: 'item', title: 'ITEM' },
      { key: 'value', title: 'VALUE', align: 'right' },
      { key: 'perSecond', title: 'A SECOND', align: 'right' },
    ]);
    before = items;
    await sleep(EVERY_MS);
  }
}
