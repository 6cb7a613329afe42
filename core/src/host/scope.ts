/** What a plugin may register with; everything registered through a scope disappears with it. */
import type { ByteStageFactory, Stamp } from '../transport/index.ts';
import type { CertificateSource } from './certificates.ts';
import type { EndpointSource } from './endpoints.ts';
import type { Challenger, Gate } from './gate.ts';
import type { ScriptAnswers } from './script-answers.ts';
import type { HealthCheck, Metric } from './telemetry.ts';
import type { Class, Token } from './token.ts';

/** What a plugin registers with, and finds services by. All of it is undone when the plugin closes. */
export interface PluginScope {
  /** The plugin's name. */
  readonly name: string;
  /** The object behind a token that the plugin requires or provides, or that is core's; or the plugin's one instance of a class of its own. */
  resolve<T extends object>(wanted: Class<T>): T;
  resolve<T>(wanted: Token<T>): T;
  gate(gate: Gate): void;
  /** Adds its challenges to every 401 and 407 of the gates. */
  challenger(challenger: Challenger): void;
  stamp(stamp: Stamp): void;
  byteStage(factory: ByteStageFactory): void;
  health(name: string, check: HealthCheck): void;
  metric(metric: Metric): void;
  /** Answers `QueryEndpoints` and `RequestTarget` of routing scripts. */
  endpoints(source: EndpointSource): void;
  /** Answers what routing scripts ask of users and senders: `CheckUserOption`, `QueryHomeServer`, `ExternalSourceType`. */
  scriptAnswers(answers: ScriptAnswers): void;
  /** Names an event package that a script of this plugin claims SUBSCRIBE for: Allow-Events lists it (RFC 6665 section 8.2.2). */
  eventPackage(name: string): void;
  /** Offers certificates to the listeners whose settings name no files. */
  certificates(source: CertificateSource): void;
  /** Runs when the plugin is closed, last registered first. */
  onClose(run: () => void | Promise<void>): void;
}
