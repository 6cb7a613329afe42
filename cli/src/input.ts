/** What a command reads: a file, or standard input where `-` is written. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { reasonOf } from '@parley/core';
import { CliErrors } from './errors.ts';

/**
 * A file's bytes; `-` is standard input to its end. As a stream: npx leaves a pipe non-blocking, and to read that at once fails when its
 * writer is slower. Throws CLI_UNREADABLE.
 */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    return await (file === '-' ? buffer(process.stdin) : readFile(file));
  } catch (error) {
    throw CliErrors.CLI_UNREADABLE({ file, reason: reasonOf(error) });
  }
}

/** The same as text. Throws CLI_UNREADABLE. */
export async function readText(file: string): Promise<string> {
  return (await readBytes(file)).toString('utf8');
}
