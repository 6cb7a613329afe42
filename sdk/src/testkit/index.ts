/** A server in memory for tests: see README.md beside this file. */
export {};
