import assert from 'node:assert/strict'
import { peopleAfter } from './people-after.ts'
import test from 'node:test'
import { openStore } from '../../plugin/open-store.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { DestinationRule } from '../../shared/objects/destination-rule.ts'
import type { ServiceEntry } from '../../shared/objects/istio.ts'
import { planCohort } from '../../shared/plan/plan-cohort.ts'
import { planInit } from '../../shared/plan/plan-init.ts'
import { planRemoveCohort } from '../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../shared/plan/plan-weight.ts'
import { overlay } from '../../shared/view/overlay.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { MemoryStore } from '../plugin/memory-store.ts'
import { runCommand, words } from '../plugin/run-command.ts'
import { catalog, deepFreeze, namespace, virtualService } from './worlds.ts'

const entry = (host = 'api.example.com', versions: readonly string[] = ['v1', 'v2']): ServiceEntry =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: host.split('.')[0]!, namespace },
    spec: {
      hosts: [host],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      resolution: 'STATIC',
      endpoints: versions.map((version, i) => ({ address: `10.0.0.${i}`, labels: { version } })),
    },
  })
const target = { namespace, command: 'cohort internal --to v2', service: 'api.example.com', live: true }
const cohort = {
  target,
  name: 'internal',
  to: 'v2',
  conditions: [],
  since: '2026-01-01T00:00:00Z',
  force: false,
}
const init = { target, stable: 'v1', gateways: [], hosts: [] }

test('init gives the host of a ServiceEntry subsets for the versions of its endpoints, and a route', () => {
  const view = snapshot([entry()])
  const after = overlay(view, planInit(view, init).changes)
  const at = { namespace, name: 'api.example.com' }
  assert.deepEqual(after.get({ kind: 'DestinationRule', ...at })?.spec, {
    host: 'api.example.com',
    subsets: [
      { name: 'v1', labels: { version: 'v1' } },
      { name: 'v2', labels: { version: 'v2' } },
    ],
  })
  assert.deepEqual(after.get({ kind: 'VirtualService', ...at })?.spec, {
    hosts: ['api.example.com'],
    http: [{ route: [{ destination: { host: 'api.example.com', subset: 'v1' } }] }],
  })
})

test('a cohort and a split of the host of a ServiceEntry come and go', () => {
  const bare = snapshot([entry(), ...catalog()])
  const view = overlay(bare, planInit(bare, init).changes)
  const route = (of: typeof view) => of.get({ kind: 'VirtualService', namespace, name: 'api.example.com' })
  const during = overlay(view, planCohort(view, cohort).changes)
  assert.deepEqual(route(during)?.spec.http?.[0]?.route, [
    { destination: { host: 'api.example.com', subset: 'v2' } },
  ])
  assert.deepEqual(
    peopleAfter(planWeight(during, { target, weights: new Map([['v2', 10]]), force: false })),
    ['api.example.com: cohort internal (x-istio-cohort: internal) → v2; everyone else → v1 90 %, v2 10 %'],
  )
  const { service: _, ...anywhere } = target
  assert.deepEqual(
    route(overlay(during, planRemoveCohort(during, { target: anywhere, name: 'internal' }).changes)),
    route(view),
  )
})

test('a version without an endpoint gets no traffic, and is not told to wait for pods', () => {
  const bare = snapshot([entry('api.example.com', ['v1'])])
  const view = overlay(bare, planInit(bare, init).changes)
  const rule = view.get({ kind: 'DestinationRule', namespace, name: 'api.example.com' })!
  const after: DestinationRule = {
    ...rule,
    spec: {
      ...rule.spec,
      subsets: [...(rule.spec.subsets ?? []), { name: 'v2', labels: { version: 'v2' } }],
    },
  }
  const wider = overlay(view, [{ before: rule, after }])
  assert.throws(
    () => planCohort(wider, cohort),
    (error: unknown) =>
      error instanceof CanaryError
      && error.code === 'refused'
      && /no endpoints of the ServiceEntry carry its labels/.test(error.message)
      && !error.hints.join().includes('get pods'),
  )
})

test('a host outside that only routes and rules speak of is a target, too, where files leave the ServiceEntry out', async () => {
  const rule: DestinationRule = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'api', namespace },
    spec: {
      host: 'api.example.com',
      subsets: ['v1', 'v2'].map(name => ({ name, labels: { version: name } })),
    },
  }
  const objects = [
    rule,
    virtualService('api', {
      hosts: ['api.example.com'],
      http: [{ route: [{ destination: { host: 'api.example.com', subset: 'v1' } }] }],
    }),
  ]
  const store = new MemoryStore(objects, { live: false, namespace })
  const { code, stdout, stderr } = await runCommand(words('weight v2=10 --service api.example.com'), {
    store,
  })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^api\.example\.com: everyone → v1 90 %, v2 10 %\n/)
})

test('a host of two labels is one where no namespace of that name has such a Service', async () => {
  const store = new MemoryStore([entry('example.com')])
  const read = store.read.bind(store)
  store.read = (scope?: { readonly namespaces: readonly string[] | '*' }) =>
    scope?.namespaces.includes('com') === true
      ? Promise.reject(new CanaryError('not-found', 'namespace com does not exist'))
      : read()
  const { code, stdout, stderr } = await runCommand(words('init --stable v1 --service example.com'), {
    store,
  })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^example\.com: everyone: any of v1, v2 → v1\n/)
  assert.match(
    (await runCommand(words('init --stable v1 --service other.com'), { store })).stderr,
    /namespace com does not exist/,
  )
})

test('a host that no object provides is an error that proposes one', async () => {
  const { code, stderr } = await runCommand(words('weight v2=10 --service api.exmple.com'), {
    store: new MemoryStore([entry()]),
  })
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^error: no object provides or routes the host api\.exmple\.com\n.*Did you mean api\.example\.com\?/,
  )
})

for (const spelling of [
  'svc/catalog',
  'service/catalog',
  'catalog.istioinaction',
  'catalog.istioinaction.svc',
  'catalog.istioinaction.svc.cluster.local',
  'catalog.istioinaction.svc.cluster.local.',
]) {
  test(`a Service may be called ${spelling}`, async () => {
    const { code, stdout } = await runCommand(
      ['status', '--service', spelling, '-f', new URL('../../examples/catalog', import.meta.url).pathname],
      { store: openStore },
    )
    assert.equal(code, 0)
    assert.match(stdout, /^catalog in namespace istioinaction\n/)
  })
}
