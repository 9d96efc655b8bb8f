import type { PictureEdge, PictureNode, ServicePicture } from './picture.ts'

/** Pictures in Graphviz's language: `dot -Tsvg`. */
export const formatDot = (pictures: readonly ServicePicture[], title: string): string =>
  [
    'digraph canary {',
    `  graph [rankdir=LR, label=${quoted([title])}, labelloc=t, fontname="Helvetica", compound=true];`,
    '  node [shape=box, style="rounded", fontname="Helvetica", fontsize=11];',
    '  edge [fontname="Helvetica", fontsize=10];',
    ...pictures.flatMap(({ id, title: name, nodes, edges }) => [
      `  subgraph cluster_${id} {`,
      `    label=${quoted([name])};`,
      '    color=gray;',
      ...nodes.map(node => `    ${formatNode(node)}`),
      ...edges.map(edge => `    ${formatEdge(edge)}`),
      '  }',
    ]),
    '}',
  ].join('\n')

function formatNode({ id, title, lines, kind, isIdle, isStable }: PictureNode): string {
  const style = [
    kind === 'entry' ? 'solid' : 'rounded',
    ...(isIdle || kind === 'mirror' ? ['dashed'] : []),
    ...(isStable ? ['bold'] : []),
  ].join(',')
  const colour = isIdle ? ', color=gray50, fontcolor=gray50' : ''
  return `${id} [label=${quoted([title, ...lines])}, style="${style}"${colour}];`
}

function formatEdge({ from, to, label, percent, isCopy, isFailing }: PictureEdge): string {
  const said = [
    ...(label === '' ? [] : [`label=${quoted([label])}`]),
    ...(percent === undefined ? [] : [`penwidth=${(1 + percent / 33).toFixed(1)}`]),
    ...(isCopy ? ['style=dashed'] : []),
    ...(isFailing ? ['color=red', 'fontcolor=red'] : []),
  ]
  return `${from} -> ${to}${said.length === 0 ? '' : ` [${said.join(', ')}]`};`
}

/** A string of Graphviz: backslashes begin its escapes, and ampersands its entities. */
const quoted = (lines: readonly string[]): string =>
  `"${lines
    .map(line =>
      line
        .replaceAll('&', '&amp;')
        .replaceAll('\\', '\\\\')
        .replaceAll('"', String.raw`\"`),
    )
    .join(String.raw`\n`)}"`
