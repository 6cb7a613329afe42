export { ProxyCore } from './proxy-core.ts';
export type { Leg, Located, NextHops, ProxyOptions } from './proxy-core.ts';
export { ResponseContext } from './response-context.ts';
export { ProxyErrors } from './errors.ts';
export { unknownExtensions } from './admission.ts';
export type { Admitted, Self } from './admission.ts';
export type { Target } from './branch.ts';
