/** What a plugin's objects are made from. Composition only: nothing here runs per message. */
import { HostErrors } from './errors.ts';
import { Injector, dependenciesOf, isInjectable } from './injection.ts';
import type { Class, Token } from './token.ts';

/** Says why a token is not there: nobody provides it, or the plugin did not ask for it. */
export type WhyMissing = (tokenName: string) => string;

/** The services and instances of one plugin. */
export class Container {
  /** Tokens that a class of this plugin implements. */
  private readonly implementations = new Map<string, Class>();

  private constructor(
    private readonly injector: Injector,
    private readonly plugin: string,
    private readonly whyMissing: WhyMissing,
  ) {}

  /** The container that all plugins' containers see: core's services. */
  static root(): Container {
    return new Container(new Injector(), 'core', () => 'core does not have');
  }

  /** A container of a plugin's own; siblings do not see each other. */
  child(plugin: string, whyMissing: WhyMissing): Container {
    return new Container(this.injector.child(), plugin, whyMissing);
  }

  offer<T>(wanted: Token<T>, instance: T): void {
    this.injector.offer(wanted, instance);
  }

  /** Says which class of the plugin is behind a token. It is made when the first one asks. */
  implement(wanted: Token<unknown>, implementation: Class): void {
    this.implementations.set(wanted.name, implementation);
    this.injector.alias(wanted, implementation);
  }

  has(wanted: Token<unknown>): boolean {
    return this.injector.has(wanted);
  }

  /**
   * The object behind a token, or the one instance of a class, made when it is first asked for.
   * @throws HOST_TOKEN_MISSING, HOST_NOT_INJECTABLE, HOST_PARAMETER_WITHOUT_TOKEN, HOST_CLASS_CYCLE, and what a constructor throws
   */
  resolve<T extends object>(wanted: Class<T>): T;
  resolve<T>(wanted: Token<T>): T;
  resolve(wanted: Token<unknown> | Class): unknown {
    if (typeof wanted !== 'function' && !this.has(wanted)) throw this.missing('its scope', wanted);
    const implementation = typeof wanted === 'function' ? wanted : this.implementations.get(wanted.name);
    if (implementation !== undefined) this.make(implementation, []);
    return this.injector.get(wanted);
  }

  /** Makes what a class needs before the class, so that every error is seen as it was thrown, with the class it concerns. */
  private make(wanted: Class, path: readonly Class[]): void {
    if (this.injector.isMade(wanted)) return;
    if (path.includes(wanted)) {
      throw HostErrors.HOST_CLASS_CYCLE({
        plugin: this.plugin,
        cycle: [...path.slice(path.indexOf(wanted)), wanted].map((c) => c.name).join(' -> '),
      });
    }
    if (wanted.length > 0 && !isInjectable(wanted)) throw HostErrors.HOST_NOT_INJECTABLE({ plugin: this.plugin, class: wanted.name });
    const dependencies = dependenciesOf(wanted);
    for (let i = 0; i < Math.max(wanted.length, dependencies.length); i++) {
      const dependency = dependencies[i];
      if (dependency?.wanted === undefined) {
        throw HostErrors.HOST_PARAMETER_WITHOUT_TOKEN({ plugin: this.plugin, class: wanted.name, position: i + 1 });
      }
      const { wanted: asked, optional } = dependency;
      const implementation = typeof asked === 'function' ? asked : this.implementations.get(asked.name);
      if (implementation !== undefined) this.make(implementation, [...path, wanted]);
      else if (typeof asked !== 'function' && !optional && !this.has(asked)) throw this.missing(`the constructor of ${wanted.name}`, asked);
    }
    this.injector.make(wanted);
  }

  private missing(who: string, wanted: Token<unknown>): Error {
    return HostErrors.HOST_TOKEN_MISSING({ plugin: this.plugin, class: who, token: wanted.name, reason: this.whyMissing(wanted.name) });
  }
}
