/** What other plugins may know of auth-ntlm. */
export {};
