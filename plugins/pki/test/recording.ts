/** A log and a bus that remember. Without the test runner, so that a process of its own can use them. */
import type { Bus, Log, Subject, Unsubscribe } from '@parley/sdk';

export class RecordingLog implements Log {
  readonly lines: { level: string; fields: object; message: string }[] = [];
  private readonly at =
    (level: string) =>
    (fields: object | string, message = ''): void =>
      void this.lines.push({ level, fields: typeof fields === 'string' ? {} : fields, message });
  readonly trace = this.at('trace');
  readonly debug = this.at('debug');
  readonly info = this.at('info');
  readonly warn = this.at('warn');
  readonly error = this.at('error');
  readonly fatal = this.at('fatal');
  child(): Log {
    return this;
  }

  /** The messages of the lines that an operator should act on. */
  get alarms(): string[] {
    return this.lines.filter((line) => ['warn', 'error', 'fatal'].includes(line.level)).map((line) => line.message);
  }
}

/** Tells its subscribers at once, and remembers what was said. */
export class RecordingBus implements Pick<Bus, 'publish' | 'subscribe'> {
  private readonly said: { subject: string; message: unknown }[] = [];
  private readonly listeners = new Map<string, Set<(message: never) => unknown>>();

  publish<M>(subject: Subject<M>, message: M): void {
    void this.say(subject, message);
  }

  /** Resolves when those who were told are done. */
  async say<M>(subject: Subject<M>, message: M): Promise<void> {
    this.said.push({ subject: subject.name, message });
    await Promise.all([...(this.listeners.get(subject.name) ?? [])].map((listener) => listener(message as never)));
  }

  subscribe<M>(subject: Subject<M>, listener: (message: M) => void | Promise<void>): Unsubscribe {
    const own = this.listeners.get(subject.name) ?? new Set();
    this.listeners.set(subject.name, own.add(listener));
    return () => void own.delete(listener);
  }

  of<M>(subject: Subject<M>): M[] {
    return this.said.filter((one) => one.subject === subject.name).map((one) => one.message as M);
  }
}
