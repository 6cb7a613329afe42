/** Command line of the benchmark. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases.ts';
import { PRESENCE_CASES } from './presence.ts';
import { SIGN_IN_CASES } from './sign-in.ts';

/** What was asked for. */
export interface Options {
  readonly only: readonly string[] | undefined;
  readonly subjects: readonly string[];
  readonly quick: boolean;
  readonly persist: boolean;
  readonly json: string | undefined;
  /** Options for Parley's own Node. */
  readonly nodeOptions: readonly string[];
  readonly seed: number;
  readonly serverCore: number;
  readonly loadCore: number;
}

/** Text of --help. */
export const USAGE = `npm run bench -- [options]

  --only NAME,...       some cases only; a prefix is enough: register, call-tls, memory
  --subjects NAME,...   parley, kamailio (default: both, side by side)
  --quick               short and coarse, to see that everything works
  --json FILE           all figures as JSON
  --profile FOLDER      CPU profiles of Parley, one a start; it is a tenth slower meanwhile
  --persist             Parley keeps registrations in its store too, as it does by default; Kamailio has no such thing
  --seed N              seed of the choice of callers and called (default 1)
  --server-core N       core of the server (default 0)
  --load-core N         core of the load generator (default 1)

Cases: ${CASES.map((c) => c.name).join(' ')} ${Object.keys({ ...SIGN_IN_CASES, ...PRESENCE_CASES }).join(' ')} micro

Needs gcc and libssl-dev for the load generator, and for the comparison kamailio and kamailio-tls-modules.
`;

/** Reads the command line. Throws an Error with one sentence for a person. Returns undefined when help was asked for. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      subjects: { type: 'string', default: 'kamailio,parley' },
      quick: { type: 'boolean', default: false },
      persist: { type: 'boolean', default: false },
      json: { type: 'string' },
      profile: { type: 'string' },
      seed: { type: 'string', default: '1' },
      'server-core': { type: 'string', default: '0' },
      'load-core': { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const only = values.only?.split(',');
  const names = [...CASES.map((c) => c.name), ...Object.keys({ ...SIGN_IN_CASES, ...PRESENCE_CASES }), 'micro'];
  for (const wanted of only ?? []) {
    if (!names.some((name) => name.startsWith(wanted))) throw new Error(`no case is called ${wanted}. There are: ${names.join(', ')}`);
  }
  const subjects = values.subjects.split(',');
  for (const wanted of subjects) {
    if (wanted !== 'kamailio' && wanted !== 'parley') throw new Error(`no subject is called ${wanted}. There are: kamailio, parley`);
  }
  return {
    only,
    subjects,
    quick: values.quick,
    persist: values.persist,
    json: values.json,
    nodeOptions: values.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', resolve(values.profile)],
    seed: wholeNumber('--seed', values.seed),
    serverCore: wholeNumber('--server-core', values['server-core']),
    loadCore: wholeNumber('--load-core', values['load-core']),
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} wants a whole number, not ${text}`);
  return Number(text);
}
