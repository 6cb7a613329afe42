/** avvio, with our containers as its instances: loads plugins one after the other, remembers how long each took, closes in reverse. */
import avvio from 'avvio';
import type { Container } from './container.ts';

/** How long the parts of a boot took. */
export interface BootNode {
  readonly name: string;
  readonly milliseconds: number;
  readonly children: readonly BootNode[];
}

/** One plugin of the graph. */
export interface BootStep {
  readonly name: string;
  /** The container that the plugin gets. */
  container(parent: Container): Container;
  start(container: Container): Promise<void>;
  stop(): Promise<void>;
}

/** avvio adds `use`, `then` and others to the instances it is given, so they are not the containers themselves. */
class Instance {
  constructor(readonly container: Container) {}
}

export class BootGraph {
  private readonly app: avvio.Avvio<Instance>;

  constructor(root: Container) {
    // Time limits are the plugins' own: avvio's would not say what was waited for.
    this.app = avvio(new Instance(root), { autostart: false, timeout: 0 });
    this.app.override = (parent, _plugin, step: BootStep) =>
      new Instance(step.container(parent.container)) as avvio.mixedInstance<Instance>;
  }

  add(step: BootStep): void {
    const load = async ({ container }: { readonly container: Container }): Promise<void> => {
      this.onClose(() => step.stop());
      await step.start(container);
    };
    // The name that avvio shows in its tree.
    Object.defineProperty(load, 'name', { value: step.name });
    this.app.use(load, step);
  }

  /** Runs when the graph closes, before whatever was added earlier. */
  onClose(run: () => Promise<void>): void {
    this.app.onClose((_instance, done) => void settle(run, done));
  }

  /** Loads everything that was added; rejects with the first error, after which nothing more is loaded. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.app.ready((error?: Error | null) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.app.close((error?: Error | null) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  }

  tree(): BootNode {
    return toNode(this.app.toJSON() as TimeTree);
  }
}

/** Tells avvio when `run` has ended, and how. */
async function settle(run: () => Promise<void>, done: Parameters<Parameters<avvio.OnClose<Instance>>[0]>[1]): Promise<void> {
  let failure: unknown;
  try {
    await run();
  } catch (error) {
    failure = error;
  }
  done(failure);
}

/** What avvio's toJSON gives; the types say only Object. */
interface TimeTree {
  readonly label: string;
  readonly diff: number;
  readonly nodes: readonly TimeTree[];
}

function toNode(tree: TimeTree): BootNode {
  return { name: tree.label, milliseconds: tree.diff, children: tree.nodes.map(toNode) };
}
