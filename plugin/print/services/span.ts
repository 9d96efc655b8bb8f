/** A span of seconds in the largest unit that gives a whole number: `1h`, `90m`, `2d`. */
export function formatSpan(seconds: number): string {
  const [unit, size] = units.find(([, length]) => seconds % length === 0) ?? ['s', 1]
  return `${seconds / size}${unit}`
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const
