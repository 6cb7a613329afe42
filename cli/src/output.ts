/** Where commands print: tables and sentences for people, JSON for scripts. */
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { CommandResult, ParleyError } from '@parley/core';
import { columnsOf, renderTable } from './table.ts';
import type { Column } from './table.ts';

/** A stream that may be a terminal. */
export type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

const DEFAULT_WIDTH = 80;

export class Output {
  constructor(
    private readonly out: Terminal,
    private readonly err: Terminal,
  ) {}

  get interactive(): boolean {
    return this.out.isTTY === true && process.stdin.isTTY;
  }

  /** Standard output is a terminal that can show colours. */
  get colour(): boolean {
    return this.out.isTTY === true;
  }

  /** Characters of a line: a terminal gets what fits; a program that reads the lines, Infinity: it gets them whole. */
  get width(): number {
    return this.out.isTTY === true ? (this.out.columns ?? DEFAULT_WIDTH) : Infinity;
  }

  print(line: string): void {
    this.out.write(`${line}\n`);
  }

  /** For people only: progress and remarks, never part of what a script reads. */
  remark(line: string): void {
    this.err.write(`${line}\n`);
  }

  fail(text: string): void {
    this.err.write(`${this.style('red', text)}\n`);
  }

  /** An error as people read it: what was wrong, where, and what to do. */
  error(error: ParleyError): void {
    const { place, message } = error;
    // A sentence that names its place needs it no second time.
    this.fail(place === undefined || message.includes(place) ? message : `${place}: ${message}`);
    if (error.fix !== '') this.remark(error.fix);
  }

  json(value: unknown): void {
    this.print(JSON.stringify(value, null, 2));
  }

  /** What a command brought back. */
  result(result: CommandResult, columns: readonly Column[] | undefined, json: boolean): void {
    if (json) {
      this.json(result.data ?? result.rows ?? { text: result.text ?? '' });
      return;
    }
    const { rows } = result;
    if (rows !== undefined) this.table(rows, columns ?? columnsOf(rows));
    if (result.text !== undefined) this.print(result.text);
  }

  table(rows: readonly object[], columns: readonly Column[]): void {
    if (rows.length === 0) {
      this.print('none');
      return;
    }
    for (const line of renderTable(rows, columns, this.width, this.colour)) this.print(line);
  }

  private style(colour: 'red', text: string): string {
    return this.err.isTTY === true ? styleText(colour, text, { validateStream: false }) : text;
  }
}
