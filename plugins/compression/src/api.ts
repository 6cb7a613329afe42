/** What other plugins may know of compression. */
export {};
