/** What other plugins may know of diagnostics. */
export {};
