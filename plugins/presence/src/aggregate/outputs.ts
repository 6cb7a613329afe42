/** What the server publishes of a user's states and devices. [MS-PRES] S6, S9, S10; sheet ms-pres-schemas sections 3.7 and 3.14. */
import type { ServerPublication } from '../documents/category.ts';
import type { AggregateState, PublishedState } from './aggregate-state.ts';
import type { DeviceDocument } from './device-document.ts';

/** Everything that aggregation looks at. */
export interface OutputInput {
  /** Address of record, without scheme. */
  readonly aor: string;
  /** `state` instances of container 2. */
  readonly states: readonly PublishedState[];
  /** `state` instances of container 3. */
  readonly workgroupStates: readonly PublishedState[];
  /** `device` instances of container 2. */
  readonly devices: readonly DeviceDocument[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What came out last time; undefined after a start. */
  readonly previous?: Outputs | undefined;
}

export interface Outputs {
  /** Of container 2: what the user is. */
  readonly state: AggregateState;
  /** Of container 3: what the workgroup is shown. */
  readonly workgroupState: AggregateState;
  /** Every instance that must be there now: publish those whose content is another, delete those of `isAggregate` that are not among them. */
  readonly publications: readonly ServerPublication[];
}

/** Pure. */
export function aggregateOutputs(input: OutputInput): Outputs {
  void input;
  throw new Error('not there yet');
}

/** Whether aggregation makes this instance. */
export function isAggregate(name: string, instance: number): boolean {
  void [name, instance];
  return false;
}
