/** What can be done to the list of plugins of a configuration, whatever it is written in. */
import { addEntry, disableEntry, enableEntry, removeEntry } from './edit-list.ts';
import type { NewEntry } from './edit-list.ts';
import { findPluginList } from './plugin-list.ts';

/** A plugin of the list. */
export interface ListedPlugin {
  /** Package or path; undefined when the text alone does not say. */
  readonly reference: string | undefined;
  readonly disabled: boolean;
}

/** Each function gives the new text, or undefined where it does not understand the old one. */
export interface ListEditor {
  list(text: string): readonly ListedPlugin[] | undefined;
  add(text: string, entry: NewEntry): string | undefined;
  remove(text: string, reference: string): string | undefined;
  disable(text: string, reference: string): string | undefined;
  enable(text: string, reference: string): string | undefined;
}

/** For TypeScript and JavaScript. */
export const SOURCE_LIST: ListEditor = {
  list: (text) => findPluginList(text)?.entries,
  add: addEntry,
  remove: removeEntry,
  disable: disableEntry,
  enable: enableEntry,
};
