import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { argoRollouts } from '../../shared/controllers/argo-rollouts/controller.ts'
import { flagger } from '../../shared/controllers/flagger/controller.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { controlledOf, serviceOf } from '../../shared/plan/controllers/controlled.ts'
import type { Change } from '../../shared/view/change.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { MemoryStore, readExample } from '../plugin/memory-store.ts'
import { runCommand, words } from '../plugin/run-command.ts'

const objectsIn = (yaml: string): readonly KubeObject[] =>
  parseAllDocuments(yaml).flatMap(document => (document.toJS() as KubeObject | null) ?? [])
const fixture = (name: string): readonly KubeObject[] =>
  objectsIn(readFileSync(new URL(`../fixtures/healthy/${name}.yaml`, import.meta.url), 'utf8'))

const service = (name: string, selector = 'app: web'): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { ${selector} }, ports: [{ name: http, port: 80 }] }
---`
const rollout = (strategy: string, more = ''): string => `
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: web, namespace: shop }
spec:
  ${more}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }
  strategy: ${strategy}
`
const ownersOf = (objects: readonly KubeObject[], name: string, namespace = 'shop'): readonly string[] =>
  controlledOf(snapshot(objects), { namespace, name }).map(({ owner }) => owner)

test('a Rollout owns the Services that it names, of every strategy, and no others', () => {
  for (const [strategy, owned] of [
    ['{ canary: { canaryService: a, stableService: b } }', ['a', 'b']],
    ['{ blueGreen: { activeService: a, previewService: b } }', ['a', 'b']],
    ['{ canary: { trafficRouting: { alb: { rootService: a, ingress: i } } } }', ['a']],
    ['{ canary: { pingPong: { pingService: a, pongService: b } } }', ['a', 'b']],
  ] as const) {
    const isOwned = (name: string): boolean => (owned as readonly string[]).includes(name)
    const services = ['a', 'b', 'c'].map(name => service(name, isOwned(name) ? 'app: web' : 'app: other'))
    const objects = objectsIn(`${services.join('')}${rollout(strategy)}`)
    for (const name of ['a', 'b', 'c'])
      assert.equal(ownersOf(objects, name).length, isOwned(name) ? 1 : 0, `${strategy} ${name}`)
  }
})

test('a Rollout owns the Service to which its VirtualService leads, by subsets or by hosts', () => {
  assert.deepEqual(ownersOf(fixture('argo-rollouts-subsets'), 'checkout'), ['Rollout shop/checkout'])
  for (const name of ['checkout-stable', 'checkout-canary', 'checkout'])
    assert.deepEqual(ownersOf(fixture('argo-rollouts-hosts'), name), ['Rollout shop/checkout'])
})

test('a Rollout owns the Service whose pods are all its own, whatever Services it names besides', () => {
  for (const strategy of ['{ canary: {} }', '{ canary: { canaryService: a, stableService: b } }']) {
    const objects = objectsIn(
      `${['web', 'a', 'b'].map(name => service(name)).join('')}${service('other', 'app: other')}${rollout(strategy)}`,
    )
    assert.deepEqual(ownersOf(objects, 'web'), ['Rollout shop/web'])
    assert.deepEqual(ownersOf(objects, 'other'), [])
  }
})

test('two workloads behind one Service are two versions, of which neither is meant', () => {
  const one = rollout('{ canary: {} }')
  const two = one.replace('name: web,', 'name: web-v2,')
  const deployment = two
    .replace('argoproj.io/v1alpha1', 'apps/v1')
    .replace('kind: Rollout', 'kind: Deployment')
  for (const other of [two, deployment])
    assert.deepEqual(ownersOf(objectsIn(`${service('web')}${one}---${other}`), 'web'), [])
})

test('a Canary owns what it makes and what it will make, on files that have nothing of it yet', () => {
  for (const name of ['catalog', 'catalog-primary', 'catalog-canary'])
    assert.deepEqual(ownersOf(readExample('flagger'), name, 'istioinaction'), [
      'Canary istioinaction/catalog-release',
    ])
  const canary = objectsIn(
    'apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: { name: c, namespace: shop }\nspec: { targetRef: { kind: Deployment, name: web }, service: { port: 80 } }',
  )
  assert.deepEqual(ownersOf([...canary, ...objectsIn(service('web'))], 'web'), ['Canary shop/c'])
  assert.deepEqual(ownersOf([...canary, ...objectsIn(service('other'))], 'other'), [])
})

test('status does not say that no route leads to a Service whose Rollout has a router that nobody reads', async () => {
  const alb =
    '{ canary: { canaryService: a, stableService: b, trafficRouting: { alb: { ingress: i, rootService: web } } } }'
  const objects = objectsIn(`${['web', 'a', 'b'].map(name => service(name)).join('')}${rollout(alb)}`)
  for (const name of ['web', 'a', 'b']) {
    const { stdout } = await runCommand(words(`status ${name} -n shop`), {
      store: new MemoryStore(objects, { namespace: 'shop' }),
    })
    assert.match(stdout, /divides requests by Ingress shop\/i \(trafficRouting\.alb\), not read/, name)
    assert.match(stdout, /requests that do not come by Ingress shop\/i go to/, name)
  }
})

test('an object of another group that is called Canary or Rollout owns nothing', () => {
  const objects = objectsIn(
    `${service('web')}${rollout('{ canary: { stableService: web } }').replace('argoproj.io/v1alpha1', 'example.com/v1')}`,
  )
  assert.deepEqual(ownersOf(objects, 'web'), [])
})

test('nothing that a file may hold in place of a Rollout or a Canary throws', () => {
  for (const kind of [
    ['argoproj.io/v1alpha1', 'Rollout', argoRollouts],
    ['flagger.app/v1beta1', 'Canary', flagger],
  ] as const)
    for (const spec of [
      undefined,
      null,
      7,
      'x',
      [],
      { strategy: 3 },
      { strategy: { canary: [] } },
      { analysis: 'x', targetRef: 2 },
    ]) {
      const [apiVersion, name, controller] = kind
      const object = {
        apiVersion,
        kind: name,
        metadata: { name: 'x', namespace: 'shop' },
        spec,
        status: spec,
      } as unknown as KubeObject
      const view = snapshot([object])
      controlledOf(view, { namespace: 'shop', name: 'y' })
      controller.state(view, object, [])
      controller.versionsOf(view, object)
      serviceOf(view, { controller, object, owner: 'x' })
    }
})

const patches = (changes: readonly Change[]): readonly unknown[] => changes.map(({ patch }) => patch?.body)

test('promotion of a blue/green Rollout ends its pause, and is nothing where there is none', () => {
  const at = (status: object): readonly unknown[] => {
    const [object] = objectsIn(rollout('{ blueGreen: { activeService: a, previewService: b } }'))
    const paused = { ...object!, status: { stableRS: 'a', currentPodHash: 'b', ...status } } as KubeObject
    const said = { order: 'step', parts: [], named: 'a -n shop' } as const
    return patches(argoRollouts.drive(snapshot([paused]), paused, said).changes)
  }
  assert.deepEqual(at({ pauseConditions: [{ reason: 'BlueGreenPause' }] }), [
    { status: { pauseConditions: null } },
  ])
  assert.deepEqual(at({}), [])
})

test('a canary without steps has no next step, as its own command line has it', () => {
  const [object] = objectsIn(rollout('{ canary: { stableService: a } }'))
  const moving = { ...object!, status: { stableRS: 'a', currentPodHash: 'b' } } as KubeObject
  const said = { order: 'step', parts: [], named: 'a -n shop' } as const
  assert.deepEqual(patches(argoRollouts.drive(snapshot([moving]), moving, said).changes), [])
})

for (const [what, objects, line, wanted] of [
  [
    'a pause of a Rollout',
    fixture('argo-rollouts-hosts'),
    'pause checkout -n shop',
    /is Paused|stays where it is/,
  ],
  ['a pause of a Canary', readExample('flagger'), 'pause catalog -n istioinaction', /is suspended/],
] as const)
  test(`${what} is planned by the only rollout where no Service is named`, async () => {
    for (const typed of [line, line.replace(/ (checkout|catalog)/, '')]) {
      const { code, stdout, stderr } = await runCommand(words(`${typed} --dry-run=client`), {
        store: new MemoryStore(objects, { namespace: line.split(' ').at(-1)! }),
      })
      assert.equal(code, 0, stderr)
      assert.match(stdout, wanted)
    }
  })

test('an order where no controller owns the service says so, with what to do instead', async () => {
  const objects = objectsIn(service('web'))
  for (const [line, wanted] of [
    [
      'promote web --step -n shop',
      /no rollout of Argo Rollouts or Flagger owns web[^]*kubectl canary promote web VERSION/,
    ],
    ['retry web -n shop', /no rollout of Argo Rollouts or Flagger owns web/],
    ['promote --full -n shop', /no rollout of Argo Rollouts or Flagger in namespace shop/],
  ] as const) {
    const { code, stderr } = await runCommand(words(line), {
      store: new MemoryStore(objects, { namespace: 'shop' }),
    })
    assert.equal(code, 1, line)
    assert.match(stderr, wanted)
  }
})

test('the words of an order and of a version exclude each other', async () => {
  for (const line of ['promote web v2 --step', 'promote web --step --full', 'promote web --full --route a']) {
    const { code, stderr } = await runCommand(words(line), { store: new MemoryStore([]) })
    assert.equal(code, 2, line)
    assert.match(stderr, /cannot be used with/)
  }
})
