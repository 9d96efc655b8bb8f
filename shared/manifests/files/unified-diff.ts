import { unifiedDiff as diffOf } from '../../objects/text/line-diff.ts'

/** A file before and after; undefined where it is not there. */
export interface FileChange {
  readonly name: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** The changes of files as `diff -u` and `git apply` know them; `''` where nothing differs. */
export const unifiedDiff = (changes: readonly FileChange[]): string =>
  changes
    .filter(({ before, after }) => before !== after)
    .map(formatFile)
    .join('')

function formatFile({ name, before, after }: FileChange): string {
  const path = name.replace(/^\/+/, '')
  const names = {
    from: before === undefined ? '/dev/null' : `a/${path}`,
    to: after === undefined ? '/dev/null' : `b/${path}`,
  }
  return diffOf(before ?? '', after ?? '', names)
}
