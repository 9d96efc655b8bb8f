import { wrap } from '../status/fit.ts'
import { headLetters, lineLetters, measure, shortened, titleLetters } from './measure.ts'
import type { PictureEdge, PictureNode, ServicePicture } from './picture.ts'

/** A rectangle in pixels, from the left and the top. */
export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A node in its place, with its texts as they are shown. */
export interface PlacedNode extends Rectangle {
  readonly node: PictureNode
  readonly title: string
  readonly lines: readonly string[]
}

/** An edge from the right side of one box to the left side of another. */
export interface PlacedEdge {
  readonly edge: PictureEdge
  /** Where it begins to bend: behind its label. */
  readonly bends: number
  readonly from: readonly [x: number, y: number]
  readonly to: readonly [x: number, y: number]
}

/** A service in its place; its parts count from the corner of the whole picture. */
export interface PlacedService extends Rectangle {
  readonly picture: ServicePicture
  readonly title: string
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly services: readonly PlacedService[]
}

/** Of the letters of one text. */
const mostLetters = 32
export const lineHeight = 16
export const padding = 8
const margin = 16
/** More have two columns; with three, a page would show them too small to be read. */
const fewServices = 4
const head = 30
const between = 12
const fewestGap = 48
/** Of an edge, for its label and what bends behind it. */
const port = 18
/** Above the services: the title of the picture and what its lines mean. */
export const banner = 52

/** Services one below the other; many of them in columns, each where it is highest up. */
export function layoutOf(pictures: readonly ServicePicture[]): Layout {
  const columns = columnsFor(pictures)
  const blocks = pictures.map(picture => placed(picture, columns))
  const width = Math.max(320, ...blocks.map(block => block.width))
  const count = blocks.length > fewServices ? 2 : 1
  const bottoms = Array.from({ length: count }, () => banner)
  const services = blocks.map(block => {
    const column = bottoms.indexOf(Math.min(...bottoms))
    const [x, y] = [margin + column * (width + margin), bottoms[column]!]
    bottoms[column] = y + block.height + margin
    return moved({ ...block, width }, x, y)
  })
  return { width: margin + count * (width + margin), height: Math.max(...bottoms), services }
}

/** Where the three columns of boxes begin, and how wide they are: the same for all services. */
interface BoxColumns {
  readonly x: readonly [number, number, number]
  readonly width: readonly [number, number, number]
  /** How far the edges to versions run straight. */
  readonly straight: number
}

function columnsFor(pictures: readonly ServicePicture[]): BoxColumns {
  const nodes = pictures.flatMap(picture => picture.nodes)
  const labels = pictures.flatMap(({ edges }) => edges.map(({ label }) => measure(label, lineLetters)))
  const widthOfLayer = (layer: number): number =>
    Math.max(96, ...nodes.filter(node => node.layer === layer).map(boxWidth))
  const width = [widthOfLayer(0), widthOfLayer(1), widthOfLayer(2)] as const
  const groups = padding + width[0] + fewestGap
  const straight = Math.max(0, ...labels) + 12
  const versions = groups + width[1] + straight + fewestGap
  return { width, x: [padding, groups, versions], straight }
}

const boxWidth = ({ title, lines }: PictureNode): number =>
  Math.max(
    measure(shortened(title, mostLetters), titleLetters),
    ...shownLines(lines).map(line => measure(line, lineLetters)),
  )
  + 2 * padding

/** Lines are wrapped between words, and words that are too long are shortened. */
const shownLines = (lines: readonly string[]): readonly string[] =>
  lines.flatMap(line =>
    wrap(line, { columns: mostLetters }, '')
      .split('\n')
      .map(part => shortened(part, mostLetters)),
  )

/** A service at the corner of the picture. */
function placed(picture: ServicePicture, columns: BoxColumns): PlacedService {
  const { nodes, edges } = picture
  const sizes = new Map(nodes.map(node => [node.id, heightOf(node, edges)]))
  const groupsOf = (entry: PictureNode): readonly PictureNode[] =>
    edges.filter(({ from }) => from === entry.id).map(({ to }) => nodes.find(({ id }) => id === to)!)
  const places = new Map<string, number>()
  let y = head
  for (const entry of nodes.filter(({ layer }) => layer === 0)) {
    const groups = groupsOf(entry)
    const height = Math.max(sizes.get(entry.id)!, stackHeight(groups, sizes))
    places.set(entry.id, y + (height - sizes.get(entry.id)!) / 2)
    stack(groups, { from: y + (height - stackHeight(groups, sizes)) / 2, sizes, places })
    y += height + between
  }
  const versions = nodes.filter(({ layer }) => layer === 2)
  const left = y - between
  const bottom = Math.max(left, head + stackHeight(versions, sizes))
  stack(versions, { from: head + (bottom - head - stackHeight(versions, sizes)) / 2, sizes, places })
  const down = (bottom - left) / 2
  const boxes = nodes.map((node): PlacedNode => {
    return {
      node,
      title: shortened(node.title, mostLetters),
      lines: shownLines(node.lines),
      x: columns.x[node.layer],
      y: places.get(node.id)! + (node.layer === 2 ? 0 : down),
      width: columns.width[node.layer],
      height: sizes.get(node.id)!,
    }
  })
  const width = columns.x[2] + columns.width[2] + padding
  return {
    picture,
    title: shortened(picture.title, Math.floor((width - 2 * padding) / measure('x', headLetters))),
    x: 0,
    y: 0,
    width,
    height: bottom + padding,
    nodes: boxes,
    edges: edges.map(edge => placedEdge(edge, { edges, boxes, straight: columns.straight })),
  }
}

/** High enough for its lines, and for a label at each edge that leaves it. */
const heightOf = ({ id, lines, layer }: PictureNode, edges: readonly PictureEdge[]): number =>
  Math.max(
    (1 + shownLines(lines).length) * lineHeight + 2 * padding,
    layer === 1 ? edges.filter(({ from }) => from === id).length * port : 0,
  )

type Heights = ReadonlyMap<string, number>

const stackHeight = (nodes: readonly PictureNode[], sizes: Heights): number =>
  nodes.reduce((sum, { id }) => sum + sizes.get(id)! + between, nodes.length === 0 ? 0 : -between)

interface Stacking {
  readonly from: number
  readonly sizes: Heights
  readonly places: Map<string, number>
}

function stack(nodes: readonly PictureNode[], { from, sizes, places }: Stacking): void {
  let y = from
  for (const { id } of nodes) {
    places.set(id, y)
    y += sizes.get(id)! + between
  }
}

interface Ends {
  readonly edges: readonly PictureEdge[]
  readonly boxes: readonly PlacedNode[]
  readonly straight: number
}

/** Edges that leave one box do so one below the other, so that their labels have room. */
function placedEdge(edge: PictureEdge, { edges, boxes, straight }: Ends): PlacedEdge {
  const [from, to] = [edge.from, edge.to].map(id => boxes.find(({ node }) => node.id === id)!) as [
    PlacedNode,
    PlacedNode,
  ]
  const leaving = edges.filter(other => other.from === edge.from)
  const part = (leaving.indexOf(edge) + 0.5) / leaving.length
  const start = from.node.layer === 0 ? 0.5 : part
  return {
    edge,
    bends: from.x + from.width + (from.node.layer === 0 ? 0 : straight),
    from: [from.x + from.width, from.y + from.height * start],
    to: [to.x, to.y + to.height / 2],
  }
}

const moved = (service: PlacedService, x: number, y: number): PlacedService => ({
  ...service,
  x: service.x + x,
  y: service.y + y,
  nodes: service.nodes.map(node => ({ ...node, x: node.x + x, y: node.y + y })),
  edges: service.edges.map(({ edge, bends, from, to }) => ({
    edge,
    bends: bends + x,
    from: [from[0] + x, from[1] + y] as const,
    to: [to[0] + x, to[1] + y] as const,
  })),
})
