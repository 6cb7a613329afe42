/** What other plugins may know of auth-kerberos. */
export {};
