/** The applications that the operator has registered, and which of them are there. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Applications, compileApplication, formatDiagnostic } from '@parley/sdk';
import type { Attachment, Clock, Log } from '@parley/sdk';
import { attachProof } from '@parley/sdk/application';
import type { SecondFrame } from './application-frames.ts';
import type { ApplicationConfig, ExternalConfig } from './config.ts';
import { ExternalErrors as E } from './errors.ts';
import type { Outside } from './own-requests.ts';
import { Session } from './session.ts';
import type { Link } from './session-parts.ts';

/** How a connection has come, and what it has shown. */
export interface Credentials {
  /** The socket's file mode says who may open it; over TLS something has to be shown. */
  readonly local: boolean;
  /** SHA-256 of the peer's certificate, as `AB:CD:...`; undefined without one. */
  readonly fingerprint: string | undefined;
  readonly nonce: string;
  readonly proof: string | undefined;
}

/** One application of the configuration. */
export class RegisteredApplication {
  session: Session | undefined = undefined;
  attachment: Attachment | undefined = undefined;
  /** A process has it, or is about to. */
  taken = false;
  attachedAt: number | undefined = undefined;

  constructor(
    readonly name: string,
    readonly config: ApplicationConfig,
  ) {}

  get attached(): boolean {
    return this.attachment !== undefined;
  }
}

export class ApplicationRegister {
  private readonly byUri: ReadonlyMap<string, RegisteredApplication>;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly config: ExternalConfig,
    private readonly chain: Applications,
    private readonly outside: Outside,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.byUri = new Map(Object.entries(config.applications).map(([name, entry]) => [entry.uri, new RegisteredApplication(name, entry)]));
  }

  get all(): readonly RegisteredApplication[] {
    return [...this.byUri.values()];
  }

  /** Who a connection says that it is. Throws EXTERNAL_UNKNOWN, EXTERNAL_DISABLED, EXTERNAL_NOT_PROVEN. */
  authenticate(appUri: string, credentials: Credentials): RegisteredApplication {
    const application = this.byUri.get(appUri);
    if (application === undefined) throw E.EXTERNAL_UNKNOWN({ appUri: appUri.slice(0, 200) });
    const { name, config } = application;
    if (!isProven(appUri, config, credentials)) throw E.EXTERNAL_NOT_PROVEN({ name });
    if (!config.enabled) throw E.EXTERNAL_DISABLED({ name });
    return application;
  }

  /**
   * Puts the application into the chain. Throws EXTERNAL_TWICE, EXTERNAL_MANIFEST, EXTERNAL_OTHER_URI, EXTERNAL_FILES, and what
   * Applications.attach throws; the chain is as it was then.
   */
  async attach(application: RegisteredApplication, { manifest, calls }: SecondFrame, link: Link): Promise<Session> {
    const { name, config } = application;
    if (application.taken) throw E.EXTERNAL_TWICE({ name });
    application.taken = true;
    try {
      const { proxyByDefault } = this.check(application, manifest, calls);
      const { limits } = this.config;
      const session = new Session(link, {
        name,
        appUri: config.uri,
        patienceMs: config.patienceSeconds * 1_000,
        proxyByDefault,
        openTransactions: limits.openTransactions,
        requests: config.requests,
        dialogs: limits.dialogs,
        outside: this.outside,
        backlogBytes: limits.frameBytes * 4,
        clock: this.clock,
        log: this.log,
      });
      const attachment = await this.chain.attach({
        name: `external/${name}`,
        text: manifest,
        file: `${name}.am`,
        methods: session.methods(calls),
        lenient: config.lenient,
        available: () => session.available,
        busy: () => session.busy,
        ...(config.priority === undefined ? {} : { priority: config.priority }),
      });
      // The process may have gone while the chain was put together.
      if (!link.open) {
        await attachment.detach();
        throw E.EXTERNAL_PROTOCOL({ problem: 'it has gone', version: 1 });
      }
      application.session = session;
      application.attachment = attachment;
      application.attachedAt = this.clock.now();
      this.log.info({ application: name, appUri: config.uri }, 'an application has joined the chain');
      for (const wake of this.waiting) wake();
      return session;
    } catch (error) {
      application.taken = false;
      throw error;
    }
  }

  /** Takes the application out of the chain; what waits for it is done without it (MSPL R59). */
  detach(application: RegisteredApplication, reason: string): void {
    const { session, attachment, name, config } = application;
    application.session = undefined;
    application.attachment = undefined;
    session?.end();
    const fields = { application: name, reason };
    if (config.critical) this.log.error(fields, 'a critical application has left the chain: the server goes on without it');
    else this.log.warn(fields, 'an application has left the chain');
    const free = (): void => {
      application.taken = false;
    };
    if (attachment === undefined) free();
    else
      attachment.detach().then(free, (err: unknown) => {
        free();
        this.log.error({ err, application: name }, 'an application that has gone could not be taken out of the chain');
      });
  }

  /** Waits for the critical applications (MSPL R59). Throws EXTERNAL_CRITICAL_MISSING. */
  async waitForCritical(): Promise<void> {
    const missing = (): RegisteredApplication[] =>
      this.all.filter(({ config, attached }) => config.critical && config.enabled && !attached);
    if (missing().length === 0) return;
    const { startSeconds } = this.config;
    this.log.info({ applications: missing().map(({ name }) => name) }, 'waiting for critical applications');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = this.clock.timers.start(startSeconds * 1_000, () => {
      reject(
        E.EXTERNAL_CRITICAL_MISSING({
          seconds: startSeconds,
          names: missing()
            .map(({ name }) => name)
            .join(', '),
        }),
      );
    });
    const wake = (): void => {
      if (missing().length === 0) resolve();
    };
    this.waiting.add(wake);
    try {
      await promise;
    } finally {
      this.waiting.delete(wake);
      this.clock.timers.cancel(timer);
    }
  }

  private check({ name, config }: RegisteredApplication, manifest: string, calls: readonly string[]): { readonly proxyByDefault: boolean } {
    const compiled = compileApplication(manifest, `${name}.am`, {
      lenient: config.lenient,
      handlerMethods: new Set(calls),
      files: { read: () => '', watch: () => () => undefined },
    });
    if (!compiled.ok) {
      const list = compiled.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, manifest)).join('\n');
      throw E.EXTERNAL_MANIFEST({ list });
    }
    const { application } = compiled;
    application.close();
    if (application.appUri !== config.uri) throw E.EXTERNAL_OTHER_URI({ found: application.appUri, wanted: config.uri });
    if (application.manifest.files.length > 0) throw E.EXTERNAL_FILES();
    return application.manifest;
  }
}

/** Everything that the configuration names for it has to be shown; over TLS that has to be something. */
function isProven(appUri: string, { secret, certificate }: ApplicationConfig, { local, fingerprint, nonce, proof }: Credentials): boolean {
  if (secret !== undefined && !sameText(proof ?? '', attachProof(secret, nonce, appUri))) return false;
  if (certificate !== undefined && !local && fingerprint !== certificate) return false;
  return local || secret !== undefined || certificate !== undefined;
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
