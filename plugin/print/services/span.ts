/** A span of seconds in the largest unit that gives a whole number: `1h`, `90m`, `2d`. */
export function formatSpan(seconds: number): string {
  const [unit, size] = units.find(([, length]) => seconds % length === 0) ?? ['s', 1]
  return `${seconds / size}${unit}`
}

/** How long ago, in kubectl's short form: `45s`, `12m`, `5h`, `3d`. */
export function formatAge(since: string, now: Date): string {
  const seconds = (now.getTime() - Date.parse(since)) / 1000
  return Number.isNaN(seconds) ? since : formatSeconds(Math.max(0, seconds), Math.floor)
}

/** When it ends: `for 2d more`, or `ended 3d ago`. */
export function formatUntil(until: string, now: Date): string {
  const left = (Date.parse(until) - now.getTime()) / 1000
  if (Number.isNaN(left)) return `until ${until}`
  return left > 0 ? `for ${formatSeconds(left, Math.round)} more` : `ended ${formatAge(until, now)} ago`
}

function formatSeconds(seconds: number, whole: (count: number) => number): string {
  const [unit, size] = units.find(([, length]) => whole(seconds / length) >= 2) ?? ['s', 1]
  return `${whole(seconds / size)}${unit}`
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const
