/** The client for applications that run outside the server. */
export {};
