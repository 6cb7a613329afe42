/** What other plugins may know of provisioning. */
export {};
