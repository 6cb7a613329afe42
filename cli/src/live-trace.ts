/** `parley trace`: prints what the running server tells of its messages until it is interrupted. */
import { ParleyError } from '@parley/core';
import type { RawInput, ServerConfig, TraceRow } from '@parley/core';
import { connect } from './admin-command.ts';
import { CliErrors } from './errors.ts';
import type { Output } from './output.ts';
import { traceLines } from './trace-text.ts';
import { unknownUsers } from './traced-users.ts';

/** Prints until Ctrl-C, the limit, or the server's end. Throws CLI_NOT_RUNNING, and the command's own errors. */
export async function followTrace(config: ServerConfig, input: RawInput, output: Output, json: boolean): Promise<void> {
  const client = await connect(config);
  if (client === undefined) throw CliErrors.CLI_NOT_RUNNING({ folder: config.dataDir });
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    client.close();
  };
  process.once('SIGINT', interrupt);
  try {
    const remark = (text: string): void => output.remark(text);
    for (const sentence of await unknownUsers(client, config, input)) remark(sentence);
    await client.call('trace', input, remark, (rows) => {
      for (const row of rows as readonly TraceRow[]) print(row, output, json);
    });
  } catch (error) {
    if (!interrupted || !(error instanceof ParleyError) || error.code !== 'CONTROL_LOST') throw error;
  } finally {
    process.removeListener('SIGINT', interrupt);
    client.close();
  }
}

function print(row: TraceRow, output: Output, json: boolean): void {
  if (json) output.print(JSON.stringify(row));
  else if (row.kind === 'lost') output.print(`  ... ${row.lines} lines are lost: this terminal did not keep up`);
  else {
    const { colour, width } = output;
    const stamp = `${row.time.slice(11, 23)} #${row.request} `;
    for (const line of traceLines(row, { colour, width, running: true, stamp })) output.print(line);
  }
}
