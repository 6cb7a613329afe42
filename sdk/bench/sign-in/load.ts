/** The load process: clients that sign in, as many at once as the plan says, each on its own connection. */
import { readFileSync } from 'node:fs';
import { Keytab } from '../../src/kerberos/keytab.ts';
import { Connection } from './connection.ts';
import { Endpoint } from './endpoint.ts';
import { DOMAIN, FQDN, aorOf } from './plan.ts';
import type { LoadPlan, LoadReport } from './plan.ts';

const WARM_UP_SECONDS = 2;
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
    return new Endpoint(await Connection.open(plan.port), aor, plan.scheme, secrets);
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
        await endpoint.signIn(plan.bootstrap);
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

/** Each endpoint in turn, again and again until the time is over. */
async function run(plan: LoadPlan, endpoints: readonly Endpoint[], duration: number): Promise<LoadReport> {
  const times: number[] = [];
  let [failed, reason] = [0, ''];
  const started = performance.now();
  const cpu = process.cpuUsage();
  const idle = [...endpoints];
  const worker = async (): Promise<void> => {
    for (;;) {
      const endpoint = idle.shift();
      if (endpoint === undefined || performance.now() - started > duration * 1000) return;
      const begun = performance.now();
      try {
        await endpoint.signIn(plan.bootstrap);
        times.push(performance.now() - begun);
      } catch (error) {
        failed++;
        reason ||= messageOf(error);
      }
      idle.push(endpoint);
    }
  };
  await Promise.all(Array.from({ length: plan.atOnce }, worker));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const quantile = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return {
    completed: times.length,
    failed,
    reason,
    seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
    load: (user + system) / 1e6 / seconds,
  };
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
