/** The load process: clients that sign in, as many at once as the plan says, each on its own connection. */
import { readFileSync } from 'node:fs';
import { Keytab } from '../../src/kerberos/keytab.ts';
import { Connection } from './connection.ts';
import { Endpoint } from './endpoint.ts';
import { DOMAIN, FQDN, aorOf, contactsOf } from './plan.ts';
import type { LoadPlan, LoadReport } from './plan.ts';

/** Code is compiled by then, on both sides: a sign-in runs through ten times the code of a call. */
const WARM_UP_SECONDS = 15;
const PING_MS = 30_000;

/** @param json a {@link LoadPlan} */
export async function main(json: string): Promise<void> {
  const plan = JSON.parse(json) as LoadPlan;
  if (plan.mode === 'hold') return hold(plan);
  const connect = connector(plan);
  const endpoints: Endpoint[] = [];
  for (let user = 0; user < plan.users; user++) endpoints.push(await connect(user));
  const warm = await run(plan, endpoints, WARM_UP_SECONDS);
  say(warm.completed === 0 ? warm : await run(plan, endpoints, plan.seconds));
  for (const endpoint of endpoints) endpoint.connection.close();
}

/** Makes the endpoint of a user, connected. */
function connector(plan: LoadPlan): (user: number) => Promise<Endpoint> {
  const certificates = plan.certificates === undefined ? [] : (JSON.parse(readFileSync(plan.certificates, 'utf8')) as string[]);
  const keytab = plan.keytab === undefined ? undefined : Keytab.parse(readFileSync(plan.keytab), plan.keytab);
  return async (user) => {
    const aor = aorOf(user);
    const secrets = {
      name: aor.slice(0, -DOMAIN.length - 1),
      targetName: plan.scheme === 'kerberos' ? `sip/${FQDN}` : FQDN,
      key: plan.key ?? '',
      certificate: certificates[user] ?? '',
      keytab,
    };
    return new Endpoint(await Connection.open(plan.port), aor, plan.scheme, secrets, contactsOf(user, plan.contacts, plan.users));
  };
}

/** Connects and signs in at once: the server keeps no strangers for long. */
async function hold(plan: LoadPlan): Promise<void> {
  const connect = connector(plan);
  const endpoints: Endpoint[] = [];
  const started = performance.now();
  let [next, failed, reason] = [0, 0, ''];
  const worker = async (): Promise<void> => {
    while (next < plan.users) {
      try {
        const endpoint = await connect(next++);
        await endpoint.signIn();
        endpoints.push(endpoint);
      } catch (error) {
        failed++;
        reason ||= messageOf(error);
      }
    }
  };
  await Promise.all(Array.from({ length: plan.atOnce }, worker));
  const seconds = (performance.now() - started) / 1000;
  say({ completed: endpoints.length, failed, reason, seconds, p50: 0, p99: 0, load: 0 });
  keepAlive(endpoints);
}

/** All endpoints sign in, and then out, again and again until the time is over. Only the first counts. */
async function run(plan: LoadPlan, endpoints: readonly Endpoint[], duration: number): Promise<LoadReport> {
  const times: number[] = [];
  let [failed, reason, seconds, load] = [0, '', 0, 0];
  const tried = async (work: Promise<void>): Promise<boolean> => {
    try {
      await work;
      return true;
    } catch (error) {
      failed++;
      reason ||= messageOf(error);
      return false;
    }
  };
  while (seconds < duration) {
    const started = performance.now();
    const cpu = process.cpuUsage();
    await each(endpoints, plan.atOnce, async (endpoint) => {
      const begun = performance.now();
      if (await tried(endpoint.signIn())) times.push(performance.now() - begun);
    });
    seconds += (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    load += (user + system) / 1e6;
    await each(endpoints, plan.atOnce, async (endpoint) => void (await tried(endpoint.signOut())));
  }
  times.sort((a, b) => a - b);
  const quantile = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return { completed: times.length, failed, reason, seconds, p50: quantile(0.5), p99: quantile(0.99), load: load / seconds };
}

/** So many at once. */
async function each(endpoints: readonly Endpoint[], atOnce: number, work: (endpoint: Endpoint) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let endpoint = endpoints[next++]; endpoint !== undefined; endpoint = endpoints[next++]) await work(endpoint);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Spread evenly, as those of many clients are. */
function keepAlive(endpoints: readonly Endpoint[]): void {
  for (const [i, { connection }] of endpoints.entries()) {
    setTimeout(
      () => {
        connection.ping();
        setInterval(() => connection.ping(), PING_MS);
      },
      (PING_MS * i) / endpoints.length,
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(report: LoadReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
