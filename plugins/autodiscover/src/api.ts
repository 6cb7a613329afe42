/** What other plugins may know of autodiscover. */
export {};
