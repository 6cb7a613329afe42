export { endpointGruu, gruuId, instanceOfGr, instanceOfOpaque, publicGruu } from './gruu.ts';
export { MAX_EPID_LENGTH, bytesToUuid, instanceOfEpid, readInstance, sameInstance, uuidToBytes } from './instance.ts';
