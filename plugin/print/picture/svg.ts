import {
  banner,
  layoutOf,
  lineHeight,
  padding,
  type PlacedEdge,
  type PlacedNode,
  type PlacedService,
} from './layout.ts'
import type { ServicePicture } from './picture.ts'

/** Colours for light and for dark pages; nothing is loaded from anywhere. */
const style = `
text{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;font-size:11px;fill:#1f2328}
.page{fill:#ffffff}
.head{font-size:14px;font-weight:bold}
.name{font-size:12px;font-weight:bold}
.dim{fill:#59636e}
.frame{fill:#f6f8fa;stroke:#d1d9e0}
.box{fill:#ffffff;stroke:#59636e}
.entry .box{fill:#ddf4ff;stroke:#0969da}
.cohort .box{fill:#fbefff;stroke:#8250df}
.mirror .box{stroke-dasharray:5 3}
.stable .box{fill:#dafbe1;stroke:#1a7f37;stroke-width:2}
.idle .box{stroke-dasharray:2 3;stroke:#818b98}
.idle text{fill:#59636e}
.edge{fill:none;stroke:#59636e}
.copy{stroke-dasharray:5 4}
.failing{stroke:#d1242f}
.label{paint-order:stroke;stroke:#f6f8fa;stroke-width:3px}
.label.bad{fill:#d1242f}
@media (prefers-color-scheme:dark){
text{fill:#f0f6fc}
.page{fill:#0d1117}
.dim,.idle text{fill:#9198a1}
.frame{fill:#151b23;stroke:#3d444d}
.box{fill:#0d1117;stroke:#9198a1}
.entry .box{fill:#121d2f;stroke:#4493f8}
.cohort .box{fill:#231a35;stroke:#ab7df8}
.stable .box{fill:#12261e;stroke:#3fb950}
.idle .box{stroke:#656c76}
.edge{stroke:#9198a1}
.failing{stroke:#f85149}
.label{stroke:#151b23}
.label.bad{fill:#f85149}
}
`

const legend =
  'dashed: copies, whose answers are dropped; dotted: gets no requests; red: an error or a closed connection'

/** Pictures as one SVG: no script, nothing from elsewhere, and in words for who cannot see it. */
export function formatSvg(pictures: readonly ServicePicture[], title: string): string {
  const { width, height, services } = layoutOf(pictures)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" role="img" aria-labelledby="canary-title canary-desc">`,
    `<title id="canary-title">${escapeXml(title)}</title>`,
    `<desc id="canary-desc">${escapeXml(pictures.map(inWords).join('\n'))}</desc>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${round(width)}" height="${round(height)}"/>`,
    textAt(16, 24, { text: title, is: 'head' }),
    textAt(16, banner - 10, { text: legend, is: 'dim' }),
    ...services.map(formatService),
    '</svg>',
  ].join('\n')
}

const inWords = ({ title, words }: ServicePicture): string => [title, ...words].join('. ')

function formatService(service: PlacedService): string {
  return [
    '<g>',
    `<title>${escapeXml(service.picture.title)}</title>`,
    `<rect class="frame" ${rectangle(service)} rx="6"/>`,
    textAt(service.x + padding, service.y + 20, { text: service.title, is: 'head' }),
    ...service.edges.map(formatEdge),
    ...service.nodes.map(formatNode),
    ...service.edges.map(formatLabel),
    '</g>',
  ].join('\n')
}

function formatNode(placed: PlacedNode): string {
  const { node, title, lines, x, y } = placed
  const is = [node.kind, ...(node.isStable ? ['stable'] : []), ...(node.isIdle ? ['idle'] : [])].join(' ')
  const middle = y + (placed.height - (1 + lines.length) * lineHeight) / 2
  return [
    `<g class="${is}">`,
    `<title>${escapeXml([node.title, ...node.lines].join('\n'))}</title>`,
    `<rect class="box" ${rectangle(placed)} rx="${node.kind === 'entry' ? 2 : 8}"/>`,
    textAt(x + padding, middle + 12, { text: title, is: 'name' }),
    ...lines.map((text, i) => textAt(x + padding, middle + 12 + (i + 1) * lineHeight, { text, is: 'dim' })),
    '</g>',
  ].join('\n')
}

/** A curve that stays between the two columns of boxes. */
function formatEdge({ edge, bends, from: [x, y], to: [endX, endY] }: PlacedEdge): string {
  const bend = (endX - bends) / 2
  const is = ['edge', ...(edge.isCopy ? ['copy'] : []), ...(edge.isFailing ? ['failing'] : [])].join(' ')
  const thick = edge.percent === undefined ? 1.5 : 1 + (edge.percent * 3) / 100
  return `<path class="${is}" stroke-width="${thick.toFixed(1)}" d="M${round(x)} ${round(y)}H${round(bends)}C${round(bends + bend)} ${round(y)} ${round(endX - bend)} ${round(endY)} ${round(endX)} ${round(endY)}"/>`
}

const formatLabel = ({ edge, from: [x, y] }: PlacedEdge): string =>
  edge.label === ''
    ? ''
    : textAt(x + 6, y - 3, { text: edge.label, is: edge.isFailing ? 'label bad' : 'label' })

const rectangle = ({ x, y, width, height }: Pick<PlacedNode, 'x' | 'y' | 'width' | 'height'>): string =>
  `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`

const textAt = (x: number, y: number, { text, is }: { readonly text: string; readonly is: string }): string =>
  `<text class="${is}" x="${round(x)}" y="${round(y)}">${escapeXml(text)}</text>`

const round = (pixels: number): string => String(Math.round(pixels * 10) / 10)

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** What XML has no characters for is not shown either. */
const notInXml = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"]/g, character => entities[character]!).replaceAll(notInXml, '\uFFFD')
