/** What somebody with rights in one namespace learns of the others. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import type { KindIn } from '../../../shared/rules/rule.ts'
import { answerReview } from '../../../webhook/admission/answer-review.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import {
  destinationRule,
  namespaceObject,
  reviewOf,
  service,
  virtualService,
  workload,
  type ReviewInput,
} from '../requests.ts'
import { reviewerOf } from './reviewers.ts'

const judge = { rules: guardedRules, settings: { complete: true, relativeWeights: false } }
const own = 'catalog.shop.svc.cluster.local'
const theirs = 'ledger-zq.bank-zq.svc.cluster.local'

/** Every name of the other tenant has this in it; ports of its own are 46001 and up. */
const secret = /zq|4600\d/

// oxlint-disable-next-line max-params -- what every object has, in the order in which it is written
const made = (type: string, name: string, spec: object, namespace = 'bank-zq'): KubeObject => {
  const [apiVersion, kind] = type.split(' ')
  return { apiVersion, kind, metadata: { name, namespace, resourceVersion: '1' }, spec } as KubeObject
}
const istio = (kind: string): string => `networking.istio.io/v1 ${kind}`
const routeTo = (host: string, destination: object = {}, more: object = {}): object => ({
  hosts: [host],
  http: [{ route: [{ destination: { host, ...destination } }] }],
  ...more,
})

/** A tenant whose objects meet those of the namespace `shop` in each way that a rule knows. */
const bank: readonly KubeObject[] = [
  namespaceObject({ name: 'bank-zq' }),
  made('v1 Service', 'ledger-zq', {
    selector: { app: 'ledger-zq' },
    ports: [
      { name: 'http-zq', port: 46001 },
      { name: 'http-adm-zq', port: 46002 },
    ],
  }),
  made('v1 Service', 'raw-zq', { ports: [{ name: 'tcp-zq', port: 46005 }] }),
  made('v1 Service', 'tcp-zq', { selector: { app: 'tcp-zq' }, ports: [{ name: 'http-zq', port: 46003 }] }),
  made('v1 Service', 'web-zq', {
    selector: { app: 'web-zq' },
    ports: [{ name: 'http', port: 80, targetPort: 'port-zq' }],
  }),
  made('apps/v1 Deployment', 'lone-zq', {
    template: { metadata: { labels: { app: 'web-zq' } }, spec: { containers: [{ ports: [] }] } },
  }),
  made('apps/v1 Deployment', 'ledger-zq', {
    template: { metadata: { labels: { app: 'ledger-zq', 'build-zq': 'b1-zq' } } },
  }),
  made(istio('DestinationRule'), 'ledger-zq', {
    host: 'ledger-zq',
    subsets: [
      { name: 'blue-zq', labels: { 'build-zq': 'b1-zq' } },
      { name: 'gone-zq', labels: { 'build-zq': 'b9-zq' } },
    ],
  }),
  namespaceObject({ name: 'vault-zq' }),
  made(
    istio('DestinationRule'),
    'all-zq',
    {
      host: '*.shop.svc.cluster.local',
      exportTo: ['.'],
      subsets: [{ name: 'mine-zq', labels: { 'tier-zq': 'x-zq' } }],
    },
    'vault-zq',
  ),
  made(istio('VirtualService'), 'uses-zq', {
    ...routeTo(own, { subset: 'v2', port: { number: 80 } }),
    hosts: ['uses-zq.example.com'],
  }),
  made(
    istio('VirtualService'),
    'hides-zq',
    routeTo(own, { subset: 'mine-zq', port: { number: 80 } }, { exportTo: ['.'] }),
    'vault-zq',
  ),
  made(istio('Gateway'), 'door-zq', {
    selector: { istio: 'door-zq' },
    servers: [{ port: { number: 46004, name: 'http-zq', protocol: 'HTTP' }, hosts: ['*'] }],
  }),
  made(istio('VirtualService'), 'part-zq', {
    http: [{ route: [{ destination: { host: 'ledger-zq', subset: 'lost-zq' } }] }],
  }),
  made(istio('VirtualService'), 'owner-zq', routeTo('taken.example.com')),
]

const shop: readonly KubeObject[] = [
  namespaceObject(),
  namespaceObject({ name: 'kube-system' }),
  service(),
  workload('v1'),
  workload('v2'),
  destinationRule(['v1', 'v2']),
  virtualService({ v1: 90, v2: 10 }),
]

const writes = (spec: object): ReviewInput => ({
  after: made(istio('VirtualService'), 'probe', spec, 'shop'),
})
const mistyped = (name: string): string => name.replace('ledger', 'ledgr')
/** What the writer says, which is no secret then, and what it is refused or warned for. */
const probes: Readonly<Record<string, ReviewInput>> = {
  'a subset that the other rule lacks': writes(routeTo(theirs, { subset: 'nope', port: { number: 80 } })),
  'a subset that is a letter away': writes(routeTo(theirs, { subset: 'bluee-xx', port: { number: 80 } })),
  'a port that the other Service lacks': writes(routeTo(theirs, { port: { number: 81 } })),
  'no port for a Service with others': writes(routeTo(theirs)),
  'a host that is a letter away': writes(routeTo(mistyped(theirs))),
  'a namespace that is a letter away': writes(routeTo(theirs.replace('bank', 'bnk'))),
  'the name of a Service elsewhere': writes(routeTo('ledger-zq')),
  'a gateway that is elsewhere': writes(routeTo('a.example.com', {}, { gateways: ['door-zq'] })),
  'a gateway that is a letter away': writes(routeTo('a.example.com', {}, { gateways: ['bank-zq/dor-zq'] })),
  'a namespace in exportTo that is a letter away': writes(routeTo(own, {}, { exportTo: ['bnk-zq'] })),
  'a port that no container has': writes(routeTo('web-zq.bank-zq.svc.cluster.local')),
  'http routes to a port for TCP': writes(routeTo('raw-zq.bank-zq.svc.cluster.local')),
  'a delegate of the other namespace': writes({
    hosts: [own],
    http: [{ delegate: { name: 'part-zq', namespace: 'bank-zq' } }],
  }),
  'a host that another VirtualService has': writes({
    ...routeTo('taken.example.com'),
    hosts: ['taken.example.com'],
  }),
  'a subset for clients of other namespaces': {
    after: virtualService({ v1: 50, v2: 50 }, { name: 'probe' }),
  },
  'all hosts of the mesh': writes({
    hosts: ['*.svc.cluster.local'],
    http: [{ route: [{ destination: { host: 'catalog' } }] }],
  }),
  'a DestinationRule for the other host': {
    after: made(istio('DestinationRule'), 'probe', { host: theirs, exportTo: ['*'], subsets: [] }, 'shop'),
  },
  'a DestinationRule for a host that is a letter away': {
    after: made(istio('DestinationRule'), 'probe', { host: mistyped(theirs), subsets: [] }, 'shop'),
  },
  'dropping a subset that the other route uses': {
    before: destinationRule(['v1', 'v2']),
    after: destinationRule(['v1']),
  },
  'deleting the DestinationRule': { before: destinationRule(['v1', 'v2']) },
  'moving the port': {
    before: service(),
    after: {
      ...service(),
      spec: { selector: { app: 'catalog' }, ports: [{ name: 'http', port: 81 }] },
    } as KubeObject,
  },
  'a port without a protocol': {
    before: service(),
    after: {
      ...service(),
      spec: { selector: { app: 'catalog' }, ports: [{ name: 'x', port: 80 }] },
    } as KubeObject,
  },
  'a workload without labels': { after: workload('v3', { labels: { app: 'catalog' } }) },
  'a workload that loses its label': {
    before: workload('v2'),
    after: workload('v2', { labels: { app: 'catalog' } }),
  },
}

interface Told {
  readonly text: string
  readonly asked: readonly KindIn[]
}

async function told(
  input: ReviewInput,
  mayRead: boolean,
  { deny = [], more = [] }: { readonly deny?: readonly string[]; readonly more?: readonly KubeObject[] } = {},
): Promise<Told> {
  const asked: KindIn[] = []
  const objects = [...shop, ...bank, ...more]
  const answer = await answerReview(JSON.stringify(reviewOf(input)), 1000, {
    ...reviewerOf({ objects, judge }),
    context: () => ({
      view: snapshot(objects),
      judge,
      settings: { ...defaultConfig, crossNamespace: { deny } },
    }),
    mayRead: async (_who, objects) => (asked.push(objects), mayRead),
  })
  return { text: JSON.stringify(answer), asked }
}

/** The text without what the writer has said. */
const without = (text: string, input: ReviewInput): string => {
  const said = new Set(JSON.stringify([input.after, input.before]).match(/[\w.*/-]+/g))
  return text.replaceAll(/[\w.*/-]+/g, word => (said.has(word) ? '' : word))
}

describe('who may not read another namespace', () => {
  for (const [what, input] of Object.entries(probes))
    it(`learns no name, subset, port or host of it by ${what}`, async () => {
      for (const deny of [[], ['bank-zq', 'vault-zq']])
        for (const dryRun of [false, true]) {
          const asking = { ...input, dryRun }
          const { text } = await told(asking, false, { deny })
          assert.doesNotMatch(without(text, asking), secret)
        }
    })
  it('is told by whom: an object in another namespace', async () => {
    const { text } = await told(probes['dropping a subset that the other route uses']!, false)
    assert.match(text, /undefined-subset: .* \(an object in another namespace\)/)
  })
  it('is told how a rule of its own for a host elsewhere is completed, and of a deletion that others come first', async () => {
    const ledger = made(istio('VirtualService'), 'ledger-zq', routeTo(theirs, { subset: 'blue-zq' }))
    const rule = made(istio('DestinationRule'), 'probe', { host: theirs, trafficPolicy: {} }, 'shop')
    const created = await told({ after: rule }, false, { more: [ledger] })
    assert.match(created.text, /\[subset-hidden-from-clients\] .*Define the subset in the DestinationRule/)
    assert.doesNotMatch(without(created.text, { after: rule }), secret)
    assert.doesNotMatch(created.text, /must be changed first/)
    const { text } = await told({ before: destinationRule(['v1', 'v2']) }, false, { deny: ['bank-zq'] })
    assert.match(text, /must be changed first/)
  })
  it('is told the same, however many objects there are', async () => {
    const another = made(istio('VirtualService'), 'also-zq', {
      ...routeTo(own, { subset: 'v2', port: { number: 80 } }),
      hosts: ['also-zq.example.com'],
    })
    const input = probes['dropping a subset that the other route uses']!
    const [one, two] = [
      await told(input, false, { deny: ['bank-zq'] }),
      await told(input, false, { deny: ['bank-zq'], more: [another] }),
    ]
    assert.deepEqual(two, one)
  })
})

describe('who may read the other namespace', () => {
  it('is told the names, and no command that changes its objects', async () => {
    const seen = await Promise.all(
      Object.values(probes).map(async input => (await told(input, true, { deny: ['bank-zq'] })).text),
    )
    const all = seen.join('\n')
    for (const name of ['ledger-zq', 'blue-zq', '46001', 'uses-zq', 'door-zq', 'port-zq'])
      assert.ok(all.includes(name), name)
    for (const command of all.matchAll(/kubectl (?:patch|delete|label|annotate) \S+ \S+ -n ([\w-]+)/g))
      assert.equal(command[1], 'shop', command[0])
    assert.doesNotMatch(all, /echo '[^']*"namespace\\":\\"bank-zq/)
  })
})

it('nobody is asked what may be read where all is of the own namespace', async () => {
  const asked: KindIn[] = []
  const reviewer = {
    ...reviewerOf({ objects: shop, judge }),
    mayRead: async (_who: unknown, objects: KindIn) => (asked.push(objects), false),
  }
  for (const input of [
    { after: virtualService({ v1: 90, v2: 20, v9: 0 }) },
    { before: destinationRule(['v1', 'v2']), after: destinationRule(['v1']) },
    { before: service(), after: { ...service(), spec: { ports: [{ port: 81 }] } } as KubeObject },
    { after: workload('v3', { labels: { app: 'catalog' } }) },
  ]) {
    const answer = await answerReview(JSON.stringify(reviewOf(input)), 1000, reviewer)
    assert.equal(answer?.response.allowed, false)
    assert.doesNotMatch(JSON.stringify(answer), /in another namespace/)
  }
  assert.deepEqual(asked, [])
})
