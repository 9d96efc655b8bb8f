import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { formatDot } from '../../../../plugin/print/picture/dot.ts'
import { formatMermaid } from '../../../../plugin/print/picture/mermaid.ts'
import { picturesOf } from '../../../../plugin/print/picture/picture-of.ts'
import type { ServicePicture } from '../../../../plugin/print/picture/picture.ts'
import { labelLines, readDot } from './read-dot.ts'
import { statuses } from './made-statuses.ts'

const nodesOf = (pictures: readonly ServicePicture[]) =>
  pictures.flatMap(({ nodes }) => nodes.map(({ id, title, lines }) => [id, [title, ...lines]] as const))
const edgesOf = (pictures: readonly ServicePicture[]) =>
  pictures.flatMap(({ edges }) => edges.map(({ from, to, label }) => [from, to, label] as const))

test('dot reads back each node, edge and text as it was, whatever names contain', () => {
  fc.assert(
    fc.property(statuses, services => {
      const pictures = picturesOf(services)
      const { nodes, edges } = readDot(formatDot(pictures, 'Traffic of "services"'))
      assert.deepEqual(
        [...nodes].map(([id, { label = '' }]) => [id, labelLines(label)]),
        nodesOf(pictures),
      )
      assert.deepEqual(
        edges.map(({ from, to, said }) => [from, to, said['label'] ?? '']),
        edgesOf(pictures),
      )
    }),
  )
})

const text = String.raw`"(?:[\p{L}\p{N} ,.:/()%=→…-]|#\d+;|<br/>)*"`
const lines = [
  /^---$/,
  /^title: "/,
  /^flowchart LR$/,
  new RegExp(String.raw`^ {2}subgraph s\d+\[${text}\]$`, 'u'),
  /^ {4}direction LR$/,
  new RegExp(String.raw`^ {4}s\d+[egv\d]+(?:\[${text}\]|\(${text}\))$`, 'u'),
  new RegExp(String.raw`^ {4}s\d+[eg\d]+ (?:-->|-\.->)(?:\|${text}\|)? s\d+[egv\d]+$`, 'u'),
  /^ {2}end$/,
  /^ {2}classDef (?:stable|idle|copies) [a-z-]+:[\d.a-z ]+(?:,[a-z-]+:[\d.a-z ]+)*$/,
  /^ {2}class s[\degv,s]+ (?:stable|idle|copies)$/,
  /^ {2}linkStyle \d+ stroke:#d1242f,color:#d1242f$/,
]

const decoded = (said: string): readonly string[] =>
  said
    .split('<br/>')
    .map(line => line.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))))

test('each line of mermaid is one of its grammar, and says each node and edge as it was', () => {
  fc.assert(
    fc.property(statuses, services => {
      const pictures = picturesOf(services)
      const all = formatMermaid(pictures, 'Traffic of "services": a').split('\n')
      for (const line of all)
        assert.ok(
          lines.some(known => known.test(line)),
          line,
        )
      const nodes = all.flatMap(line => {
        const found = /^ {4}(s\d+[egv\d]+)[[(]"(.*)"[\])]$/u.exec(line)
        return found === null ? [] : [[found[1], decoded(found[2]!)]]
      })
      assert.deepEqual(nodes, nodesOf(pictures))
      const edges = all.flatMap(line => {
        const found = /^ {4}(s\S+) (?:-->|-\.->)(?:\|"(.*)"\|)? (s\S+)$/u.exec(line)
        return found === null ? [] : [[found[1], found[3], decoded(found[2] ?? '')[0]]]
      })
      assert.deepEqual(edges, edgesOf(pictures))
    }),
  )
})
