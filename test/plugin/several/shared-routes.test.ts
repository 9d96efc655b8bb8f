import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { MemoryStore } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'
import { shop } from '../shop.ts'

const services = ['catalog', 'cart'] as const
type Name = (typeof services)[number]

const edge = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'edge', namespace: 'shop' },
  spec: {
    hosts: ['shop.example.com'],
    gateways: ['public'],
    http: services.flatMap(host =>
      [host, `${host}-api`].map(name => ({
        name,
        match: [{ uri: { prefix: `/${name}` } }],
        route: [{ destination: { host, subset: 'v1' } }],
      })),
    ),
  },
} as KubeObject
const objects = [
  ...shop(...services).filter(({ kind }) => kind !== 'VirtualService'),
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'public', namespace: 'shop' },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.example.com'] }],
    },
  } as KubeObject,
  edge,
]
const edgeOf = (store: MemoryStore): string =>
  JSON.stringify(store.objects.find(({ metadata }) => metadata.name === 'edge'))

/** The object with its record as data: in whichever order its parts were written. */
const readEdge = (text: string): unknown => {
  const { metadata, ...rest } = JSON.parse(text) as KubeObject
  const record = metadata.annotations?.['kubectl-canary/cohorts'] ?? 'null'
  const annotations = { ...metadata.annotations, 'kubectl-canary/cohorts': undefined }
  return { ...rest, metadata: { ...metadata, annotations }, record: JSON.parse(record) }
}

async function does(store: MemoryStore, line: string): Promise<void> {
  const { code, stderr } = await runCommand(words(line), { store })
  assert.equal(code, 0, `${line}: ${stderr}`)
}

/** What begins something of a service, and what ends it. */
const canaries = {
  cohort: [(name: Name) => `cohort staff ${name} --to v2`, (name: Name) => `cohort staff ${name} --remove`],
  'cohort on one route': [
    (name: Name) => `cohort staff ${name} --to v2 --route ${name}`,
    (name: Name) => `cohort staff ${name} --remove`,
  ],
  mirror: [(name: Name) => `mirror ${name} v2=25`, (name: Name) => `mirror ${name} --off`],
  split: [(name: Name) => `weight ${name} v2=10`, (name: Name) => `abort ${name}`],
} as const

type Canary = (typeof canaries)[keyof typeof canaries]

/** Two canaries begun together and ended in either order: what one leaves is what the other makes alone. */
async function endInEitherOrder(
  [beginOne, endOne]: Canary,
  [beginOther, endOther]: Canary,
  other: Name,
): Promise<void> {
  const alone = async (line: string): Promise<string> => {
    const store = new MemoryStore(objects, { namespace: 'shop' })
    await does(store, line)
    return edgeOf(store)
  }
  const [onlyOne, onlyOther] = [await alone(beginOne('catalog')), await alone(beginOther(other))]
  for (const endsFirst of [true, false]) {
    const store = new MemoryStore(objects, { namespace: 'shop' })
    await does(store, beginOne('catalog'))
    await does(store, beginOther(other))
    await does(store, endsFirst ? endOne('catalog') : endOther(other))
    assert.deepEqual(readEdge(edgeOf(store)), readEdge(endsFirst ? onlyOther : onlyOne))
    await does(store, endsFirst ? endOther(other) : endOne('catalog'))
    assert.equal(edgeOf(store), JSON.stringify(edge))
  }
}

for (const [one, canary] of Object.entries(canaries))
  for (const [other, beside] of Object.entries(canaries))
    test(`a ${one} of one service and a ${other} of another in one VirtualService end without a trace of each other`, () =>
      endInEitherOrder(canary, beside, 'cart'))

test('a cohort and a mirror of one service end without a trace of each other', () =>
  endInEitherOrder(canaries.cohort, canaries.mirror, 'catalog'))
