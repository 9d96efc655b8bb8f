import assert from 'node:assert/strict'
import test from 'node:test'
import { formatDot } from '../../../../plugin/print/picture/dot.ts'
import { layoutOf } from '../../../../plugin/print/picture/layout.ts'
import { formatMermaid } from '../../../../plugin/print/picture/mermaid.ts'
import { picturesOf } from '../../../../plugin/print/picture/picture-of.ts'
import { formatSvg } from '../../../../plugin/print/picture/svg.ts'
import type { ServiceStatus } from '../../../../plugin/print/services/service-status.ts'
import type { EntryPoint } from '../../../../shared/routing/traffic.ts'
import { readDot } from './read-dot.ts'

const entry = (more: Partial<EntryPoint> = {}): EntryPoint => ({
  ref: { kind: 'VirtualService', namespace: 'shop', name: 'catalog' },
  hosts: ['catalog'],
  gateways: ['mesh'],
  cohorts: [],
  splits: [],
  mirrors: [],
  ...more,
})

const cohort = (name: string, more: Partial<EntryPoint['cohorts'][number]> = {}) => ({
  name,
  to: 'v2',
  conditions: [{ on: 'header', name: 'x-istio-cohort', match: { exact: name } } as const],
  reached: true,
  uncovered: [],
  ...more,
})

const split = {
  takes: '',
  reached: true,
  shares: [
    { version: 'v1', percent: 90 },
    { version: 'v2', percent: 10, fault: 'undefined-subset' },
    { version: 'v3', percent: 0, fault: 'undefined-subset' },
  ],
}

const status = (entryPoints: readonly EntryPoint[], more: Partial<ServiceStatus> = {}): ServiceStatus => ({
  service: 'catalog',
  namespace: 'shop',
  stable: 'v1',
  versions: ['v1', 'v2', 'v3'].map(name => ({ name })),
  entryPoints,
  notes: [],
  findings: [],
  ...more,
})

const everything = status([
  entry({
    owner: 'Rollout shop/catalog',
    preview: 'v2',
    roots: [{ kind: 'VirtualService', namespace: 'edge', name: 'root' }],
    cohorts: [cohort('internal'), cohort('lost', { reached: false })],
    splits: [split],
    mirrors: [{ version: 'v2', percent: 25, byHand: true, takes: ['/api*'] }],
  }),
  entry({ hosts: ['old'], gateways: ['gone'], idle: { rule: 'unknown-gateway', reason: 'no Gateway gone' } }),
])

const [picture] = picturesOf([everything])
const titled = (title: string) => picture!.nodes.find(node => node.title === title)!
const edgesTo = (id: string) => picture!.edges.filter(({ to }) => to === id)

test('an entry says its gateways, who delegates to it, its preview and its owner', () => {
  assert.deepEqual(titled('catalog').lines, [
    'in the mesh',
    'delegated by edge/root',
    'preview of v2',
    'owned by Rollout shop/catalog',
  ])
  assert.deepEqual(titled('old').lines, [
    'gateway gone',
    'takes no requests:',
    'no Gateway gone (unknown-gateway)',
  ])
  assert.deepEqual([titled('catalog').isIdle, titled('old').isIdle], [false, true])
})

test('a cohort that no request reaches leads nowhere, and everyone else is told apart from it', () => {
  assert.deepEqual(titled('cohort lost').lines.at(-1), 'v2: no request reaches this route')
  assert.ok(titled('cohort lost').isIdle)
  assert.ok(!picture!.edges.some(({ from }) => from === titled('cohort lost').id))
  assert.ok(titled('everyone else'))
  const [alone] = picturesOf([
    status([entry({ cohorts: [cohort('lost', { reached: false })], splits: [split] })]),
  ])
  assert.ok(alone!.nodes.some(({ title }) => title === 'everyone'))
})

test('only shares that get requests have an edge and a fault', () => {
  assert.deepEqual(titled('everyone else').lines, ['v2: 503, undefined-subset'])
  const [v1, v2] = [titled('v1 (stable)'), titled('v2')]
  assert.deepEqual(
    edgesTo(v1.id).map(({ label, isFailing, isCopy }) => [label, isFailing, isCopy]),
    [['90.0 %', false, false]],
  )
  assert.deepEqual(
    edgesTo(v2.id).map(({ label, isFailing, isCopy }) => [label, isFailing, isCopy]),
    [
      ['100.0 %', false, false],
      ['10.0 % 503', true, false],
      ['25.0 %', false, true],
    ],
  )
  assert.deepEqual([v1.isStable, v2.isStable, titled('v3').isIdle, v2.isIdle], [true, false, true, false])
})

test('copies say of which requests they are, and that they were written by hand', () => {
  const copies = picture!.nodes.find(({ kind }) => kind === 'mirror')!
  assert.equal(copies.lines.length, 2)
  assert.match(copies.lines[0]!, /\/api/)
  assert.equal(copies.lines[1], 'written by hand')
})

test('a split that a cookie keeps says so, unless no request reaches it', () => {
  const sticky = { cookie: 'c', ttl: 3600, versions: ['v1'], uncovered: [] }
  const linesOf = (reached: boolean): readonly string[] => {
    const [one] = picturesOf([status([entry({ sticky, splits: [{ ...split, shares: [], reached }] })])])
    return one!.nodes.find(({ kind }) => kind === 'rest')!.lines
  }
  assert.match(linesOf(true).join(), /^cookie c keeps a version for 1h after the last request$/)
  assert.deepEqual(linesOf(false), ['no request reaches this route (unreachable-route)'])
})

test('in words each entry has its groups and what they get', () => {
  assert.deepEqual(picture!.words, [
    'catalog on mesh: cohort internal → v2 100.0 %; cohort lost → nothing; everyone else → v1 90.0 %, v2 10.0 %, v3 0.0 %; copies → v2 25.0 %',
    'old on gone: takes no requests',
  ])
})

test('dot draws copies dashed, what gets nothing grey, stable bold, and failing shares red', () => {
  const { nodes, edges } = readDot(formatDot([picture!], 'x'))
  const styleOf = (title: string) => nodes.get(titled(title).id)!
  assert.equal(styleOf('catalog')['style'], 'solid')
  assert.equal(styleOf('old')['style'], 'solid,dashed')
  assert.equal(styleOf('old')['fontcolor'], 'gray50')
  assert.equal(styleOf('v1 (stable)')['style'], 'rounded,bold')
  assert.equal(styleOf('v2')['color'], undefined)
  assert.equal(
    nodes.get(picture!.nodes.find(({ kind }) => kind === 'mirror')!.id)!['style'],
    'rounded,dashed',
  )
  const drawn = (label: string) => edges.find(({ said }) => said['label'] === label)!.said
  assert.deepEqual([drawn('10.0 % 503')['color'], drawn('10.0 % 503')['fontcolor']], ['red', 'red'])
  assert.deepEqual([drawn('25.0 %')['style'], drawn('90.0 %')['style']], ['dashed', undefined])
  assert.ok(Number(drawn('90.0 %')['penwidth']) > Number(drawn('25.0 %')['penwidth']))
})

test('mermaid puts nodes into the classes of stable, idle and copies, and colours failing edges', () => {
  const text = formatMermaid([picture!], 'x')
  const classOf = (name: string): readonly string[] =>
    new RegExp(`^ {2}class (\\S+) ${name}$`, 'm').exec(text)?.[1]?.split(',') ?? []
  assert.deepEqual(classOf('stable'), [titled('v1 (stable)').id])
  assert.deepEqual(
    classOf('idle').toSorted(),
    [titled('old').id, titled('cohort lost').id, titled('v3').id].toSorted(),
  )
  assert.deepEqual(
    classOf('copies'),
    picture!.nodes.filter(({ kind }) => kind === 'mirror').map(({ id }) => id),
  )
  const failing = [...text.matchAll(/linkStyle (\d+)/g)].map(([, place]) => Number(place))
  assert.deepEqual(failing, [picture!.edges.findIndex(({ isFailing }) => isFailing)])
})

test('svg gives each box the class of its kind and its state, and entries sharper corners', () => {
  const text = formatSvg([picture!], 'x')
  const groupOf = (title: string): string =>
    new RegExp(
      `<g class="([^"]*)">\\n<title>${title.replaceAll(/[()]/g, String.raw`\$&`)}\\n?[^]*?rx="(\\d)"`,
    )
      .exec(text)!
      .slice(1)
      .join(' ')
  assert.equal(groupOf('catalog'), 'entry 2')
  assert.equal(groupOf('old'), 'entry idle 2')
  assert.equal(groupOf('v1 (stable)'), 'version stable 8')
  assert.equal(groupOf('cohort lost'), 'cohort idle 8')
  assert.equal(text.match(/class="edge failing"/g)?.length, 1)
  assert.equal(text.match(/class="edge copy"/g)?.length, 2)
})

test('many services are placed in two columns of like height, and few in one', () => {
  const columnsOf = (count: number): readonly number[] => {
    const { services } = layoutOf(picturesOf(Array.from({ length: count }, () => everything)))
    return [...Map.groupBy(services, ({ x }) => x).values()].map(({ length }) => length)
  }
  assert.deepEqual([columnsOf(4), columnsOf(5), columnsOf(8)], [[4], [3, 2], [4, 4]])
})

test('a box is high enough for a label at each of its edges', () => {
  const many = Array.from({ length: 12 }, (_, i) => ({ version: `v${i}`, percent: 100 / 12 }))
  const wide = status([entry({ splits: [{ ...split, shares: many }] })], {
    versions: many.map(({ version }) => ({ name: version })),
  })
  const [service] = layoutOf(picturesOf([wide])).services
  const group = service!.nodes.find(({ node }) => node.layer === 1)!
  assert.ok(group.height >= 12 * 14, `${group.height} pixels`)
})
