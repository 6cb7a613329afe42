/** What other plugins may know of presence. */
export {};
