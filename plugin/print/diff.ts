import type { Paint } from './colour.ts'

/** A unified diff, painted as git paints it. */
export const formatDiff = (diff: string, paint: Paint): string =>
  diff
    .split('\n')
    .map(line => paintLine(line, paint))
    .join('\n')

function paintLine(line: string, { bold, cyan, green, red }: Paint): string {
  if (line.startsWith('+++') || line.startsWith('---')) return bold(line)
  if (line.startsWith('@@')) return cyan(line)
  if (line.startsWith('+')) return green(line)
  return line.startsWith('-') ? red(line) : line
}
