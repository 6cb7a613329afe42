export * from './errors/index.ts';
export * from './clock/index.ts';
