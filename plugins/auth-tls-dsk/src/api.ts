/** What other plugins may know of auth-tls-dsk. */
export {};
