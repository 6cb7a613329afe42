/** Aggregation: what many endpoints say of one user, as one state. Pure. */
export { aggregateState } from './aggregate-state.ts';
export type { AggregateState, AggregationInput } from './aggregate-state.ts';
export { AVAILABILITY, URGENT_ONLY, URGENT_ONLY_AVAILABILITY, availabilityClass } from './availability.ts';
export type { AvailabilityClass } from './availability.ts';
export { readDevice } from './device-document.ts';
export type { Capability, DeviceDocument } from './device-document.ts';
export type { PublishedState } from './inputs.ts';
export { STATE_INSTANCES, aggregateOutputs, isAggregate } from './outputs.ts';
export type { OutputInput, Outputs } from './outputs.ts';
export { readState } from './state-document.ts';
export type { Activity, StateDocument, StateType, TimeZone } from './state-document.ts';
export { stateMarkup } from './write-state.ts';
export type { StateContent } from './write-state.ts';
