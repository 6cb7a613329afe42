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
  const endpoints = await connectAll(plan);
  if (plan.mode === 'hold') {
    say(await run(plan, endpoints, { seconds: Infinity, each: 1 }));
    keepAlive(endpoints);
    return;
  }
  const warm = await run(plan, endpoints, { seconds: WARM_UP_SECONDS, each: Infinity });
  say(warm.completed === 0 ? warm : await run(plan, endpoints, { seconds: plan.seconds, each: Infinity }));
  for (const endpoint of endpoints) endpoint.connection.close();
}

async function connectAll(plan: LoadPlan): Promise<Endpoint[]> {
  const certificates = plan.certificates === undefined ? [] : (JSON.parse(readFileSync(plan.certificates, 'utf8')) as string[]);
  const keytab = plan.keytab === undefined ? undefined : Keytab.parse(readFileSync(plan.keytab), plan.keytab);
  const endpoints: Endpoint[] = [];
  for (let i = 0; i < plan.users; i++) {
    const aor = aorOf(i);
    const secrets = {
      name: aor.slice(0, -DOMAIN.length - 1),
      targetName: plan.scheme === 'kerberos' ? `sip/${FQDN}` : FQDN,
      key: plan.key ?? '',
      certificate: certificates[i] ?? '',
      keytab,
    };
    endpoints.push(new Endpoint(await Connection.open(plan.port), aor, plan.scheme, secrets));
  }
  return endpoints;
}

/** Each endpoint in turn, until the time is over or each has signed in so many times. */
async function run(plan: LoadPlan, endpoints: readonly Endpoint[], until: { seconds: number; each: number }): Promise<LoadReport> {
  const times: number[] = [];
  let [failed, reason, next] = [0, '', 0];
  const started = performance.now();
  const cpu = process.cpuUsage();
  const idle = [...endpoints];
  const worker = async (): Promise<void> => {
    for (;;) {
      const endpoint = idle.shift();
      if (endpoint === undefined || next++ >= until.each * endpoints.length || performance.now() - started > until.seconds * 1000) return;
      const begun = performance.now();
      try {
        await endpoint.signIn(plan.provisioning);
        times.push(performance.now() - begun);
      } catch (error) {
        failed++;
        reason ||= error instanceof Error ? error.message : String(error);
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

function say(report: LoadReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
