/** Everything that plugins have registered, for the parts of the server that use it. */
import type { ByteStageFactory, Stamp } from '../transport/index.ts';
import type { CertificateSource } from './certificates.ts';
import type { AdminCommand } from './command.ts';
import { EndpointSources } from './endpoints.ts';
import { EventPackageList } from './event-packages.ts';
import type { Challenger, Gate } from './gate.ts';
import type { PluginScope } from './scope.ts';
import type { ScriptAnswers } from './script-answers.ts';
import type { HealthCheck, Metric } from './telemetry.ts';

/** One thing and the plugin that registered it. */
export interface Registered<T> {
  readonly plugin: string;
  readonly value: T;
}

/** A list that plugins add to. */
export class ExtensionList<T> {
  private list: readonly Registered<T>[] = [];
  private readonly listeners = new Set<() => void>();

  /** @param compare keeps the list in order; that of registration when absent */
  constructor(private readonly compare?: (a: T, b: T) => number) {}

  /** With the plugins' names. A new array after each change. */
  get entries(): readonly Registered<T>[] {
    return this.list;
  }

  get values(): readonly T[] {
    return this.list.map((entry) => entry.value);
  }

  /** Adds; the function that it returns takes away again. */
  add(plugin: string, value: T): () => void {
    const entry: Registered<T> = { plugin, value };
    const { compare } = this;
    const list = [...this.list, entry];
    this.change(compare === undefined ? list : list.sort((a, b) => compare(a.value, b.value)));
    return () => this.change(this.list.filter((other) => other !== entry));
  }

  /** Calls `listener` after each change until what it returns is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private change(list: readonly Registered<T>[]): void {
    this.list = list;
    for (const listener of this.listeners) listener();
  }
}

/** A routing script of a plugin and what it dispatches to. */
export interface PluginScript {
  /** As the plugin's definition names it. */
  readonly name: string;
  /** Absolute path of the MSPL file. */
  readonly path: string;
  /** Place in the chain, low numbers first. */
  readonly priority: number | undefined;
  /** The application that homes users: scripts of operators come before it only when their manifests ask for that. */
  readonly userServices: boolean;
  /** What is not done while it is switched off. */
  readonly without?: string | undefined;
  /** The instance whose methods it may name; undefined for a plugin without a handler. */
  readonly handler: object | undefined;
}

/** A health check with the name it was registered under. */
export interface NamedHealthCheck {
  readonly name: string;
  readonly check: HealthCheck;
}

/** A command with the scope of the plugin that offers it. */
export interface ScopedCommand {
  readonly command: AdminCommand;
  readonly scope: PluginScope;
}

const byOrder = (a: { readonly order: number }, b: { readonly order: number }): number => a.order - b.order;

/** The extension points. Gates, challengers, stamps and byte stages are kept in ascending `order`, equals in order of registration. */
export class Extensions {
  readonly gates = new ExtensionList<Gate>(byOrder);
  readonly challengers = new ExtensionList<Challenger>(byOrder);
  readonly stamps = new ExtensionList<Stamp>(byOrder);
  readonly byteStages = new ExtensionList<ByteStageFactory>(byOrder);
  readonly scripts = new ExtensionList<PluginScript>();
  readonly healthChecks = new ExtensionList<NamedHealthCheck>();
  readonly metrics = new ExtensionList<Metric>();
  readonly commands = new ExtensionList<ScopedCommand>();
  readonly certificates = new ExtensionList<CertificateSource>();
  readonly endpoints = new EndpointSources();
  readonly eventPackages = new EventPackageList();
  readonly scriptAnswers = new ExtensionList<ScriptAnswers>();
}
