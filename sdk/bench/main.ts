/** `npm run bench`: Parley and Kamailio on the same core, under the same load, one after the other, case by case. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CASES, FULL, QUICK } from './cases.ts';
import type { Result } from './cases.ts';
import { buildGenerator } from './generator.ts';
import { kamailio } from './kamailio.ts';
import { machine, makeCertificate, raiseReceiveBuffer, takeTurn } from './machine.ts';
import { micro } from './micro.ts';
import { readOptions, USAGE } from './options.ts';
import type { Options } from './options.ts';
import { parley } from './parley.ts';
import { installed } from './process.ts';
import { table } from './report.ts';
import type { Row } from './report.ts';
import type { Bench } from './session.ts';
import { PRESENCE_CASES } from './presence.ts';
import { SIGN_IN_CASES } from './sign-in.ts';
import type { SignInReport } from './sign-in.ts';
import type { Subject } from './subject.ts';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  if (!installed('taskset')) throw new Error('taskset is missing: apt-get install util-linux');
  if (cpus().length < 2) throw new Error('the benchmark needs two cores: one for the server, one for the load');
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const endTurn = await takeTurn(note);
  const buffer = raiseReceiveBuffer();
  try {
    const wanted = CASES.filter((c) => options.only === undefined || options.only.some((prefix) => c.name.startsWith(prefix)));
    const subjects = wanted.length > 0 ? usable(options) : [];
    const head = { ...machine(), subjects: Object.fromEntries(subjects.map((s) => [s.name, s.version()])) };
    note(
      `${head.cpu}, ${head.cores} cores, Linux ${head.kernel}, Node ${head.node}; ${subjects.map((s) => `${s.name} ${s.version()}`).join(', ')}`,
    );
    if (buffer.remark !== undefined) note(buffer.remark);
    // Each part is printed and kept as soon as it is there: the whole takes an hour, and what ends it must not take what was measured.
    const figures: { cases?: object[]; signIn?: Record<string, number>; micro?: object } = {};
    const keep = (part: typeof figures): void => {
      Object.assign(figures, part);
      if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ ...head, ...figures }, undefined, 2)}\n`);
    };
    const rows = await measure(wanted, subjects, options, folder, (done) => keep({ cases: done.map(plain) }));
    if (rows.length > 0) process.stdout.write(`\n${table(rows, kamailio.name, 'Parley')}`);
    const signIns = await measureSignIns(options, folder);
    if (signIns.lines.length > 0) process.stdout.write(`\nSigning in, presence\n${signIns.lines.join('\n')}\n`);
    keep({ signIn: signIns.figures });
    if (options.only === undefined || options.only.some((prefix) => 'micro'.startsWith(prefix))) {
      const tiny = await micro(options.serverCore, options.quick);
      process.stdout.write(`\n${tiny.text}`);
      keep({ micro: tiny.figures });
    }
  } finally {
    buffer.restore();
    endTurn();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param done called after each case with the rows so far */
async function measure(
  wanted: typeof CASES,
  subjects: readonly Subject[],
  options: Options,
  folder: string,
  done: (rows: readonly Row[]) => void,
): Promise<Row[]> {
  if (wanted.length === 0) return [];
  const bench: Bench = {
    program: buildGenerator(),
    serverCore: options.serverCore,
    loadCore: options.loadCore,
    certificate: makeCertificate(folder),
    users: 2000,
    connections: 32,
    timeout: 3,
    seed: options.seed,
  };
  const rows: Row[] = [];
  for (const one of wanted) {
    const results = new Map<string, Result | Error>();
    for (const subject of subjects) {
      try {
        const result = await one.measure(bench, options.quick ? QUICK : FULL, subject, anchorOf(results));
        results.set(subject.name, result);
        note(
          `${one.name}, ${subject.name}: ${result.kind === 'memory' ? `${Math.round(result.bytesEach)} bytes` : `${Math.round(result.best)}/s`}`,
        );
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        results.set(subject.name, failure);
        note(`${one.name}, ${subject.name}: ${failure.message}`);
      }
    }
    rows.push({ name: one.name, results });
    done(rows);
  }
  return rows;
}

/** What the other server reached, which is measured first. */
function anchorOf(results: ReadonlyMap<string, Result | Error>): Result | undefined {
  const result = results.get(kamailio.name);
  return result instanceof Error ? undefined : result;
}

/** Parley alone: the anchor knows nothing of these mechanisms. */
async function measureSignIns(options: Options, folder: string): Promise<SignInReport> {
  const lines: string[] = [];
  const figures: Record<string, number> = {};
  const wanted = Object.entries({ ...SIGN_IN_CASES, ...PRESENCE_CASES }).filter(
    ([name]) => options.only?.some((prefix) => name.startsWith(prefix)) ?? true,
  );
  if (wanted.length === 0) return { lines, figures };
  const { serverCore, loadCore, quick, nodeOptions } = options;
  const certificate = makeCertificate(folder);
  for (const [name, measureOne] of wanted) {
    try {
      const report = await measureOne({ folder, serverCore, loadCore, certificate, quick, nodeOptions, note });
      lines.push(...report.lines);
      Object.assign(figures, report.figures);
    } catch (error) {
      lines.push(`${name} was not measured: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { lines, figures };
}

function usable(options: Options): Subject[] {
  const subjects: { readonly [name: string]: Subject } = { kamailio, parley: parley(options.persist, options.nodeOptions) };
  return options.subjects
    .flatMap((name) => subjects[name] ?? [])
    .filter((subject) => {
      const reason = subject.unavailable();
      if (reason !== undefined) note(reason);
      return reason === undefined;
    });
}

function plain(row: Row): object {
  return {
    name: row.name,
    ...Object.fromEntries([...row.results].map(([name, r]) => [name, r instanceof Error ? { error: r.message } : r])),
  };
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

try {
  await main();
} catch (error) {
  note(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
