const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/**
 * Values as a line of bars, each of its own scale from 0 to its highest; `·` where there is no data. Empty without any.
 */
export function formatSparkline(values: readonly (number | null)[]): string {
  const known = values.filter(value => value !== null)
  if (known.length === 0) return ''
  const most = Math.max(...known)
  return values.map(value => (value === null ? '·' : barOf(value, most))).join('')
}

const barOf = (value: number, most: number): string =>
  levels[most <= 0 ? 0 : Math.max(0, Math.min(7, Math.ceil((value / most) * 8) - 1))]!
