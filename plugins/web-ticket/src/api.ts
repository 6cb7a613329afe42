/** What other plugins may know of web-ticket. */
export {};
