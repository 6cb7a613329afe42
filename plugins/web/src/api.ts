/** What other plugins may know of web. */
export {};
