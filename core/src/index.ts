export * from './errors/index.ts';
export * from './clock/index.ts';
export * from './store/index.ts';
export * from './bus/index.ts';
export * from './host/index.ts';
// Type and token share a name: the host's pair stands for both.
export { Bus, Clock, Store } from './host/index.ts';
