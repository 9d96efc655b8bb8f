import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { readServices } from '../../../shared/plan/read-services.ts'
import { deployment } from '../../../shared/providers/deployment/provider.ts'
import { stableAnnotation } from '../../../shared/routing/record/record.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { refusal } from './refusal.ts'
import { plainView, pods, service, target, version } from './pods-of.ts'

const two = [service(), version('v1', 3), version('v2', 1)]
const all = { namespace: 'shop', live: true, command: 'status' } as const

const sharesIn = (view: ReturnType<typeof plainView>) =>
  readServices(view, { ...target, service: 'hello' }).map(({ traffic }) =>
    traffic.entryPoints.map(({ splits }) => splits.map(({ shares }) => shares)),
  )

const virtualService = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'hello', namespace: 'shop' },
  spec: { hosts: ['hello'], http: [{ route: [{ destination: { host: 'hello' } }] }] },
} as KubeObject

test('without Istio the ready pods behind a Service are its shares', () => {
  assert.deepEqual(sharesIn(plainView(two)), [
    [
      [
        [
          { version: 'v1', percent: 75 },
          { version: 'v2', percent: 25 },
        ],
      ],
    ],
  ])
  assert.deepEqual(sharesIn(plainView([service(), version('v1', 3, 1), version('v2', 1)])), [
    [
      [
        [
          { version: 'v1', percent: 50 },
          { version: 'v2', percent: 50 },
        ],
      ],
    ],
  ])
})

test('a plan that scales Deployments says so, for those who may only scale them', () => {
  const weights = new Map([['v2', 50]])
  assert.equal(planWeight(plainView(two), { target, weights, force: false }).scales, true)
})

test('where Istio is served, or in files, a Service without routes waits for its first one', () => {
  for (const view of [snapshot(two), snapshot(two, { absent: new Set() })]) {
    assert.deepEqual(sharesIn(view), [[]])
    assert.deepEqual(readServices(view, all), [])
    assert.match(
      refusal(() => planWeight(view, { target, weights: new Map([['v2', 20]]), force: false })).hints.join(
        '\n',
      ),
      /kubectl canary init hello/,
    )
  }
})

test('the label track is for canaries without a mesh, wherever it is', () => {
  const on = (track: string) => pods(`hello-${track}`, { app: 'hello', track }, [1])
  for (const view of [snapshot([service(), on('stable'), on('canary')]), plainView(two)])
    assert.equal(readServices(view, all).length, 1)
})

test('a canary of ours on the Service is gone on with wherever it is', () => {
  const begun = service()
  const view = snapshot([
    { ...begun, metadata: { ...begun.metadata, annotations: { [stableAnnotation]: 'v1' } } },
    ...two.slice(1),
  ])
  assert.equal(readServices(view, all).length, 1)
})

test('a chosen provider reads a Service that nothing routes, and no other', () => {
  const chosen = [{ ...deployment, ...deployment.whenChosen }]
  assert.equal(readServices(snapshot(two), all, chosen).length, 1)
  const { message, hints } = refusal(() =>
    planWeight(
      snapshot([...two, virtualService]),
      {
        target: { ...target, command: 'weight v2=20 --provider deployment' },
        weights: new Map([['v2', 20]]),
        force: false,
      },
      chosen,
    ),
  )
  assert.match(message, /no object of deployment routes hello: VirtualService shop\/hello does/)
  assert.deepEqual(hints, ['Leave out --provider: kubectl canary weight v2=20'])
})

test('a route goes before the pods', () => {
  const view = plainView([...two, virtualService])
  const [only, ...others] = readServices(view, { ...target, service: 'hello' })
  assert.deepEqual(others, [])
  assert.deepEqual(
    only!.traffic.entryPoints.map(({ ref }) => ref.kind),
    ['VirtualService'],
  )
  assert.deepEqual(
    readServices(view, all).map(({ traffic }) => traffic.entryPoints.length),
    [1],
  )
})

test('Deployments without a label of a version are nobody’s versions', () => {
  const view = plainView([
    service(),
    pods('hello', { app: 'hello' }, [3]),
    pods('other', { app: 'hello' }, [1]),
  ])
  assert.deepEqual(readServices(view, all), [])
  const { hints } = refusal(() =>
    planWeight(view, { target, weights: new Map([['v2', 20]]), force: false }, [deployment]),
  )
  assert.match(hints.join('\n'), /label|track/)
})

test('versions are told by version, by track where two have one version, else by the Deployment', () => {
  const namesIn = (...objects: readonly KubeObject[]) =>
    readServices(plainView([service(), ...objects]), all).map(({ versions }) =>
      versions.map(({ name }) => name),
    )
  const on = (track: string, more = {}) => ({ app: 'hello', track, ...more })
  assert.deepEqual(namesIn(pods('a', on('stable'), [1]), pods('b', on('canary'), [1])), [
    ['canary', 'stable'],
  ])
  assert.deepEqual(
    namesIn(pods('a', on('stable', { version: '1' }), [1]), pods('b', on('canary', { version: '2' }), [1])),
    [['1', '2']],
  )
  assert.deepEqual(
    namesIn(pods('a', on('stable', { version: '1' }), [1]), pods('b', on('canary', { version: '1' }), [1])),
    [['canary', 'stable']],
  )
  assert.deepEqual(namesIn(pods('hello', { app: 'hello' }, [1]), pods('b', on('canary'), [1])), [
    ['canary', 'hello'],
  ])
})

test('a version answers to its track and to the end of its Deployment’s name', () => {
  const view = plainView([
    service(),
    pods('hello-blue', { app: 'hello', track: 'stable', version: '1.0.0' }, [2]),
    pods('hello-green', { app: 'hello', track: 'canary', version: '2.0.0' }, [2]),
  ])
  for (const said of ['2.0.0', 'canary', 'green', 'hello-green'])
    assert.equal(
      planWeight(view, { target, weights: new Map([[said, 25]]), force: false }).title,
      'weight 1.0.0=75,2.0.0=25',
    )
})
