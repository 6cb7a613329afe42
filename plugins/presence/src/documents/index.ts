/** Documents of presence: readers with bounds, writers to the byte. Pure. */
export * from './batch-subscribe.ts';
export * from './categories.ts';
export * from './category.ts';
export * from './category-rules.ts';
export * from './container-members.ts';
export * from './containers.ts';
export { PresenceDocumentErrors } from './errors.ts';
export * from './fault.ts';
export * from './msrtc.ts';
export * from './namespaces.ts';
export * from './pidf.ts';
export * from './read-publish.ts';
export * from './resource-list.ts';
export * from './roaming-data.ts';
export * from './server-owned.ts';
export * from './subscribers.ts';
