import type { PictureEdge, PictureNode, ServicePicture } from './picture.ts'

/** Pictures as a flowchart of Mermaid, which Markdown on GitHub and GitLab shows. */
export function formatMermaid(pictures: readonly ServicePicture[], title: string): string {
  const nodes = pictures.flatMap(picture => picture.nodes)
  const edges = pictures.flatMap(picture => picture.edges)
  return [
    '---',
    `title: ${JSON.stringify(title)}`,
    '---',
    'flowchart LR',
    ...pictures.flatMap(picture => [
      `  subgraph ${picture.id}[${quoted([picture.title])}]`,
      '    direction LR',
      ...picture.nodes.map(node => `    ${formatNode(node)}`),
      ...picture.edges.map(edge => `    ${formatEdge(edge)}`),
      '  end',
    ]),
    '  classDef stable stroke-width:3px',
    '  classDef idle stroke-dasharray:4 3,opacity:0.6',
    '  classDef copies stroke-dasharray:4 3',
    ...classOf(
      'stable',
      nodes.filter(({ isStable }) => isStable),
    ),
    ...classOf(
      'idle',
      nodes.filter(({ isIdle }) => isIdle),
    ),
    ...classOf(
      'copies',
      nodes.filter(({ isIdle, kind }) => !isIdle && kind === 'mirror'),
    ),
    ...edges.flatMap(({ isFailing }, i) =>
      isFailing ? [`  linkStyle ${i} stroke:#d1242f,color:#d1242f`] : [],
    ),
  ].join('\n')
}

const classOf = (name: string, nodes: readonly PictureNode[]): readonly string[] =>
  nodes.length === 0 ? [] : [`  class ${nodes.map(({ id }) => id).join(',')} ${name}`]

function formatNode({ id, title, lines, kind }: PictureNode): string {
  const text = quoted([title, ...lines])
  return kind === 'entry' ? `${id}[${text}]` : `${id}(${text})`
}

function formatEdge({ from, to, label, isCopy }: PictureEdge): string {
  const arrow = isCopy ? '-.->' : '-->'
  return `${from} ${arrow}${label === '' ? '' : `|${quoted([label])}|`} ${to}`
}

/** A string of Mermaid: whatever could mean something there, or begin Markdown, is written by its number. */
const quoted = (lines: readonly string[]): string =>
  `"${lines
    .map(line =>
      line.replaceAll(/[^\p{L}\p{N} ,.:/()%=→…-]|^-|^\d+(?=\. )/gu, found =>
        [...found].map(character => `#${character.codePointAt(0)};`).join(''),
      ),
    )
    .join('<br/>')}"`
