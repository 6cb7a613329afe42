/** Failures of the operating system in words. */

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many files are open',
};

/** Why something failed, as part of a sentence: `ENOENT: no such file or directory, open '/x'` is "there is no such file". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  const words = WORDS[code];
  return words === undefined ? error.message : `${words} (${code})`;
}
