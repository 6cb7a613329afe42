/** Default routing tells other plugins nothing: it is the end of the chain. */
export {};
