/** What other plugins may know of contacts. */
export {};
