/** The scope that the host gives to a plugin: registers, and takes everything back at the end. */
import type { ByteStageFactory, Stamp } from '../transport/index.ts';
import type { CertificateSource } from './certificates.ts';
import type { AdminCommand } from './command.ts';
import type { Container } from './container.ts';
import type { EndpointSource } from './endpoints.ts';
import type { Extensions, PluginScript } from './extensions.ts';
import type { Challenger, Gate } from './gate.ts';
import type { PluginScope } from './scope.ts';
import type { ScriptAnswers } from './script-answers.ts';
import type { HealthCheck, Metric } from './telemetry.ts';
import type { Class, Token } from './token.ts';

export class RegisteringScope implements PluginScope {
  private readonly closers: (() => void | Promise<void>)[] = [];

  constructor(
    readonly name: string,
    private readonly container: Container,
    private readonly extensions: Extensions,
  ) {}

  resolve<T extends object>(wanted: Class<T>): T;
  resolve<T>(wanted: Token<T>): T;
  resolve(wanted: Token<unknown> | Class): unknown {
    return typeof wanted === 'function' ? this.container.resolve(wanted) : this.container.resolve(wanted);
  }

  gate(gate: Gate): void {
    this.onClose(this.extensions.gates.add(this.name, gate));
  }

  challenger(challenger: Challenger): void {
    this.onClose(this.extensions.challengers.add(this.name, challenger));
  }

  stamp(stamp: Stamp): void {
    this.onClose(this.extensions.stamps.add(this.name, stamp));
  }

  byteStage(factory: ByteStageFactory): void {
    this.onClose(this.extensions.byteStages.add(this.name, factory));
  }

  health(name: string, check: HealthCheck): void {
    this.onClose(this.extensions.healthChecks.add(this.name, { name, check }));
  }

  metric(metric: Metric): void {
    this.onClose(this.extensions.metrics.add(this.name, metric));
  }

  endpoints(source: EndpointSource): void {
    this.onClose(this.extensions.endpoints.add(source));
  }

  scriptAnswers(answers: ScriptAnswers): void {
    this.onClose(this.extensions.scriptAnswers.add(this.name, answers));
  }

  eventPackage(name: string): void {
    this.onClose(this.extensions.eventPackages.add(name));
  }

  certificates(source: CertificateSource): void {
    this.onClose(this.extensions.certificates.add(this.name, source));
  }

  script(script: PluginScript): void {
    this.onClose(this.extensions.scripts.add(this.name, script));
  }

  command(command: AdminCommand): void {
    this.onClose(this.extensions.commands.add(this.name, { command, scope: this }));
  }

  onClose(run: () => void | Promise<void>): void {
    this.closers.push(run);
  }

  /** Runs the closers, last first; each has its chance, the first error is thrown at the end. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let run = this.closers.pop(); run !== undefined; run = this.closers.pop()) {
      try {
        await run();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
