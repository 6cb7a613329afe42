/** The HTTP server behind /metrics, /health and /ready. */
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Log, PluginConfig, Telemetry, inject, injectable } from '@parley/sdk';
import type { HealthReport, Lifecycle } from '@parley/sdk';
import type { Registry } from 'prom-client';
import type { MetricsConfig } from './config.ts';
import { MetricsErrors } from './errors.ts';
import { EXPOSITION_TYPE, exposition, processRegistry } from './exposition.ts';
import { sharing } from './sharing.ts';

const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8192;
const REQUEST_MS = 10_000;
const IDLE_MS = 30_000;

/** Answers GET and HEAD and nothing else; takes no bodies. */
@injectable()
export class MetricsServer implements Lifecycle {
  private readonly http: FastifyInstance;
  private readonly process: Registry | undefined;
  private ready = false;
  /** However many ask at the same time, the checks run once. */
  private readonly checkHealth: () => Promise<HealthReport>;
  private readonly reported = new Set<string>();

  constructor(
    @inject(PluginConfig) private readonly config: MetricsConfig,
    @inject(Telemetry) private readonly telemetry: Telemetry,
    @inject(Log) private readonly log: Log,
  ) {
    this.checkHealth = sharing(() => telemetry.health());
    this.process = config.processMetrics ? processRegistry() : undefined;
    this.http = fastify({
      logger: false,
      bodyLimit: 1,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      forceCloseConnections: true,
      http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: REQUEST_MS },
    });
    this.http.server.maxConnections = MAX_CONNECTIONS;
    this.http.addHook('onRequest', refuseBody);
    this.http.get('/metrics', (_request, reply) => this.metrics(reply));
    this.http.get('/health', (_request, reply) => this.health(reply));
    this.http.get('/ready', (_request, reply) => this.answerReady(reply));
    this.http.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain').send('/metrics, /health and /ready are here\n'));
  }

  /** Throws METRICS_ADDRESS. */
  async start(): Promise<void> {
    const { host, port } = this.config;
    try {
      await this.http.listen({ host, port });
    } catch (cause) {
      throw MetricsErrors.METRICS_ADDRESS({ address: `${host}:${port}`, reason: (cause as Error).message }, { cause });
    }
    this.ready = true;
    this.log.info({ url: `${this.url}/metrics` }, 'metrics and health are served');
  }

  /** `http://127.0.0.1:9090`, once it has started. */
  get url(): string {
    const address = this.http.server.address();
    if (address === null || typeof address === 'string') return '';
    return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  }

  /** Load balancers are told to look elsewhere; figures are there until the end. */
  drain(): void {
    this.ready = false;
  }

  async stop(): Promise<void> {
    this.process?.clear();
    await this.http.close();
  }

  private async metrics(reply: FastifyReply): Promise<FastifyReply> {
    const text = await exposition(this.telemetry.metrics(), (family, error) => {
      if (this.reported.has(family.name)) return;
      this.reported.add(family.name);
      this.log.warn({ err: error, plugin: family.plugin, metric: family.name }, 'a metric cannot be shown');
    });
    const own = this.process === undefined ? '' : await this.process.metrics();
    return reply.type(EXPOSITION_TYPE).header('Cache-Control', 'no-store').send(`${text}\n${own}`);
  }

  private async health(reply: FastifyReply): Promise<FastifyReply> {
    const report = await this.checkHealth();
    return reply
      .code(report.state === 'fail' ? 503 : 200)
      .header('Cache-Control', 'no-store')
      .send({ state: report.state, checks: report.entries });
  }

  private answerReady(reply: FastifyReply): FastifyReply {
    return reply
      .code(this.ready ? 200 : 503)
      .header('Cache-Control', 'no-store')
      .send({ ready: this.ready });
  }
}

function refuseBody(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const { headers } = request;
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) {
    done();
    return;
  }
  void reply.code(413).header('Connection', 'close').type('text/plain').send('no request here has a body\n');
}
