/** What other plugins may know of client-version-filter. */
export {};
