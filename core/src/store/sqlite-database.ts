/** node:sqlite in the shape that Kysely's SQLite dialect expects, with a cache of prepared statements. */
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** Statements kept prepared on one connection. */
const MAX_PREPARED = 512;
const CHANGES_SCHEMA = /^\s*(create|alter|drop)\b/i;
/** Columns of these declared types, and computed ones, may hold bytes. */
const MAY_HOLD_BYTES = new Set(['BLOB', 'BYTEA']);

/** Counts the schema changes of a database; shared by its connections, because prepared statements age with it. */
export interface SchemaVersion {
  value: number;
}

export interface SqliteConnectionOptions {
  readonly file: string;
  readonly schema: SchemaVersion;
  /** Run on opening, in order. */
  readonly pragmas: readonly string[];
}

/** Opens one connection. Throws what node:sqlite throws. */
export function openSqlite(options: SqliteConnectionOptions): SqliteConnection {
  const database = new DatabaseSync(options.file);
  try {
    for (const pragma of options.pragmas) database.exec(`pragma ${pragma}`);
  } catch (error) {
    database.close();
    throw error;
  }
  return new SqliteConnection(database, options.schema);
}

/** One connection. Values that SQLite does not know (booleans, undefined) are refused when they are bound. */
export class SqliteConnection implements SqliteDatabase {
  private readonly prepared = new Map<string, Statement>();
  private preparedFor: number;

  constructor(
    private readonly database: DatabaseSync,
    private readonly schema: SchemaVersion,
  ) {
    this.preparedFor = schema.value;
  }

  prepare(text: string): SqliteStatement {
    if (this.preparedFor !== this.schema.value) this.forget();
    const known = this.prepared.get(text);
    if (known !== undefined) return known;
    const statement = new Statement(this.database.prepare(text));
    if (CHANGES_SCHEMA.test(text)) {
      this.schema.value++;
      return statement;
    }
    if (this.prepared.size >= MAX_PREPARED) this.forget();
    this.prepared.set(text, statement);
    return statement;
  }

  /** Sets a pragma outside of any transaction. */
  pragma(text: string): void {
    this.database.exec(`pragma ${text}`);
  }

  close(): void {
    this.prepared.clear();
    this.database.close();
  }

  private forget(): void {
    this.prepared.clear();
    this.preparedFor = this.schema.value;
  }
}

class Statement implements SqliteStatement {
  readonly reader: boolean;
  private byteColumns: readonly string[] | undefined = undefined;

  constructor(private readonly statement: StatementSync) {
    this.reader = statement.columns().length > 0;
  }

  all(parameters: readonly unknown[]): unknown[] {
    const rows = this.statement.all(...(parameters as SQLInputValue[]));
    for (const row of rows) if (!this.bytesToBuffers(row)) break;
    return rows;
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.statement.run(...(parameters as SQLInputValue[]));
  }

  *iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    for (const row of this.statement.iterate(...(parameters as SQLInputValue[]))) {
      this.bytesToBuffers(row);
      yield row;
    }
  }

  /** node:sqlite gives Uint8Array where pg gives Buffer. False: no column can hold bytes. */
  private bytesToBuffers(row: Record<string, unknown>): boolean {
    // Not asked before the statement has run once: only then does SQLite notice that another connection changed the table.
    this.byteColumns ??= this.statement
      .columns()
      .filter((column) => column.type === null || MAY_HOLD_BYTES.has(column.type.toUpperCase()))
      .map((column) => column.name);
    for (const name of this.byteColumns) {
      const value = row[name];
      if (value instanceof Uint8Array) row[name] = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    return this.byteColumns.length > 0;
  }
}
