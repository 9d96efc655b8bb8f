import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { layoutOf, lineHeight, padding, type Rectangle } from '../../../../plugin/print/picture/layout.ts'
import { lineLetters, measure, titleLetters, headLetters } from '../../../../plugin/print/picture/measure.ts'
import { picturesOf } from '../../../../plugin/print/picture/picture-of.ts'
import { formatSvg } from '../../../../plugin/print/picture/svg.ts'
import { readXml, type Element } from '../../commands/lint/read-xml.ts'
import { runCommand, words } from '../../run-command.ts'
import { inputs, now } from '../inputs.ts'
import { statuses } from './made-statuses.ts'

const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

function assertApart(rectangles: readonly Rectangle[]): void {
  for (const [i, one] of rectangles.entries())
    for (const other of rectangles.slice(i + 1))
      assert.ok(!overlap(one, other), `${JSON.stringify(one)} overlaps ${JSON.stringify(other)}`)
}

const isInside = (inner: Rectangle, outer: Rectangle): boolean =>
  inner.x >= outer.x
  && inner.y >= outer.y
  && inner.x + inner.width <= outer.x + outer.width + 0.01
  && inner.y + inner.height <= outer.y + outer.height + 0.01

test('no box overlaps another, each is in the frame of its service, and no frames overlap', () => {
  fc.assert(
    fc.property(statuses, services => {
      const layout = layoutOf(picturesOf(services))
      assertApart(layout.services)
      for (const service of layout.services) {
        assertApart(service.nodes)
        for (const node of service.nodes) assert.ok(isInside(node, service))
        assert.ok(isInside(service, { x: 0, y: 0, width: layout.width, height: layout.height }))
      }
    }),
  )
})

test('every text is inside its box, and no label is on a box, on another label or on the bend of an edge', () => {
  fc.assert(
    fc.property(statuses, services => {
      for (const service of layoutOf(picturesOf(services)).services) {
        assert.ok(measure(service.title, headLetters) <= service.width - 2 * padding + 1)
        for (const { title, lines, width, height } of service.nodes) {
          const room = width - 2 * padding
          assert.ok(measure(title, titleLetters) <= room, title)
          for (const line of lines) assert.ok(measure(line, lineLetters) <= room, line)
          assert.ok((1 + lines.length) * lineHeight <= height)
        }
        const labels = service.edges
          .filter(({ edge }) => edge.label !== '')
          .map(({ edge, bends, from: [x, y] }) => {
            const label = { x: x + 6, y: y - 14, width: measure(edge.label, lineLetters), height: 11 }
            assert.ok(label.x + label.width <= bends, edge.label)
            return label
          })
        assertApart(labels)
        for (const label of labels) assert.ok(service.nodes.every(node => !overlap(label, node)))
      }
    }),
  )
})

const all = (element: Element): readonly Element[] => [element, ...element.children.flatMap(all)]

test('whatever names contain, it is one well-formed document without scripts, and the same each time', () => {
  fc.assert(
    fc.property(statuses, services => {
      const pictures = picturesOf(services)
      const svg = formatSvg(pictures, 'Traffic')
      const root = readXml(svg)
      assert.deepEqual(
        [root.name, root.attributes['role'], root.children.slice(0, 2).map(({ name }) => name)],
        ['svg', 'img', ['title', 'desc']],
      )
      const names = new Set(all(root).map(({ name }) => name))
      assert.deepEqual(
        [...names].filter(
          name => !['svg', 'title', 'desc', 'style', 'rect', 'text', 'g', 'path'].includes(name),
        ),
        [],
      )
      for (const { attributes } of all(root))
        assert.deepEqual(
          Object.keys(attributes).filter(key => key.startsWith('on') || key.includes('href')),
          [],
        )
      const style = root.children.find(({ name }) => name === 'style')!.text
      assert.doesNotMatch(style, /url\(|@import|https?:/)
      assert.match(style, /prefers-color-scheme:dark/)
      assert.equal(formatSvg(picturesOf(services), 'Traffic'), svg)
    }),
  )
})

for (const [name, make] of Object.entries(inputs))
  test(`the picture of ${name} shows each entry, cohort, version and share`, async () => {
    const store = await make()
    const { code, stdout } = await runCommand(words('status -o svg'), { store, now })
    assert.equal(code, 0)
    const texts = all(readXml(stdout))
      .filter(element => element.name === 'text')
      .map(({ text }) => text)
    const { services } = JSON.parse((await runCommand(words('status -o json'), { store, now })).stdout) as {
      readonly services: Parameters<typeof picturesOf>[0]
    }
    for (const { entryPoints, versions, stable } of services) {
      for (const { name: version } of versions)
        assert.ok(texts.includes(version === stable ? `${version} (stable)` : version), version)
      for (const { hosts, cohorts, splits, mirrors } of entryPoints) {
        for (const text of [hosts[0]!, ...cohorts.map(cohort => `cohort ${cohort.name}`)])
          assert.ok(texts.includes(text), text)
        for (const { percent } of [...splits.flatMap(({ shares }) => shares), ...mirrors])
          assert.ok(percent === 0 || texts.includes(`${percent.toFixed(1)} %`), String(percent))
      }
    }
  })
