import type { Canvas } from './fit.ts'

const mostCells = 20
const fewCells = 10
/** From this many columns on, beside what is indented, there is room for long bars. */
const wideTerminal = 90

/** How many cells the bars of a screen have. */
export const barCells = ({ columns = wideTerminal }: Canvas): number =>
  columns >= wideTerminal ? mostCells : fewCells

/** What a bar is of: requests, or copies of them. */
export interface BarStyle extends Canvas {
  readonly copies?: boolean
}

/** A bar of a share in percent: some where there is any, and full only where it is all. */
export function shareBar(percent: number, style: BarStyle): string {
  const cells = barCells(style)
  const rounded = Math.round((percent / 100) * cells)
  const filled = percent <= 0 ? 0 : percent >= 100 ? cells : Math.min(cells - 1, Math.max(1, rounded))
  const full = style.copies === true ? (style.ascii === true ? '=' : '▒') : style.ascii === true ? '#' : '█'
  const empty = style.ascii === true ? '.' : '░'
  return full.repeat(filled) + empty.repeat(cells - filled)
}
