import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Service, Workload } from '../../../shared/objects/core.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { introduced, lintView } from '../../../shared/rules/introduced.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { projectObject } from '../../../webhook/cache/project-object.ts'
import {
  deployment,
  destinationRule,
  namespace,
  service,
  toSubset,
  virtualService,
} from '../../plan/worlds.ts'

const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
const named = (targetPort: number | string): Service =>
  service('catalog', [{ name: 'http', port: 80, targetPort }])

interface Container {
  readonly name?: string
  readonly port?: number
  readonly protocol?: string
}
/** A version whose one container has one port. */
function version(name: string, container: Container = {}, replicas = 1): Workload {
  const { port = 8080, ...rest } = container
  const base = deployment(`catalog-${name}`, { app: 'catalog', version: name })
  const { template } = base.spec as { readonly template: object }
  const containers = [{ name: 'app', ports: [{ ...rest, containerPort: port }] }]
  return {
    ...base,
    spec: { ...base.spec, replicas, template: { ...template, spec: { containers } } },
  }
}
const routes = virtualService('catalog', {
  hosts: ['catalog'],
  http: [{ route: [v('v1', 90), v('v2', 10)] }],
})
function v(name: string, weight: number) {
  return { ...toSubset(`version-${name}`).route![0]!, weight }
}

const standing = [destinationRule('v1', 'v2'), routes]
const ours = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ rule }) => rule === 'unknown-target-port')
const found = (...objects: readonly KubeObject[]): readonly Finding[] =>
  ours(lintView(judge, snapshot([...standing, ...objects])))
const places = (findings: readonly Finding[]): readonly unknown[] => findings.map(({ path }) => path[4])

describe('a Service port that leads to a port of a container by name', () => {
  it('is fine if the pods of each version have it, and by number', () => {
    assert.deepEqual(found(named('web'), version('v1', { name: 'web' }), version('v2', { name: 'web' })), [])
    assert.deepEqual(found(named(8080), version('v1'), version('v2')), [])
  })
  it('is found for the version whose pods do not have it', () => {
    const findings = found(named('web'), version('v1', { name: 'web' }), version('v2', { name: 'http' }))
    assert.deepEqual(places(findings), [1])
    assert.match(
      findings[0]!.message,
      /leads to the container port web, which Deployment istioinaction\/catalog-v2 does not have/,
    )
  })
  it('is found if the port of the container has another protocol', () => {
    const udp = { name: 'web', protocol: 'UDP' }
    assert.deepEqual(places(found(named('web'), version('v1', { name: 'web' }), version('v2', udp))), [1])
  })
  it('is not found for workloads that are scaled to zero or say no containers, or that could not be read', () => {
    const v1 = version('v1', { name: 'web' })
    assert.deepEqual(found(named('web'), v1, version('v2', {}, 0)), [])
    assert.deepEqual(found(named('web'), v1, deployment('catalog-v2', { app: 'catalog', version: 'v2' })), [])
    const view = snapshot([...standing, named('web'), v1, version('v2')], { unread: new Set(['Pod']) })
    assert.deepEqual(ours(lintView(judge, view)), [])
  })
  it('is not found while a name is to be filled in', () => {
    const v1 = version('v1', { name: 'web' })
    assert.deepEqual(found(named('web'), v1, version('v2', { name: '$PORT' })), [])
    assert.deepEqual(found(named('$PORT'), v1, version('v2', { name: 'web' })), [])
  })
  it('is fixed by the number if it is the same in all pods of the Service', () => {
    const fixOf = (port: number): string =>
      found(named('web'), version('v1', { name: 'web' }), version('v2', { port }))[0]!.fix
    assert.match(
      fixOf(8080),
      /^kubectl patch services? catalog .*"path":"\/spec\/ports\/0\/targetPort","value":8080/,
    )
    assert.doesNotMatch(fixOf(9090), /kubectl patch/)
  })
})

describe('a change that takes the port of a container away from a route', () => {
  const objects = [...standing, named('web'), version('v1', { name: 'web' }), version('v2', { name: 'web' })]
  /** As the guard keeps them. */
  const view = snapshot(objects.map(object => projectObject(object)!))
  const breaks = (before: KubeObject, after: KubeObject): readonly unknown[] =>
    places(ours(introduced(judge, view, [{ before, after }])))
  it('is found in a workload', () => {
    assert.deepEqual(breaks(version('v2', { name: 'web' }), version('v2', { name: 'http' })), [1])
    assert.deepEqual(breaks(version('v2', { name: 'web' }), version('v2', { name: 'web', port: 9090 })), [])
  })
  it('is found in the Service', () => {
    assert.deepEqual(breaks(named('web'), named('http')), [0, 1])
    assert.deepEqual(breaks(named('web'), named(8080)), [])
  })
  it('is nothing new for what was so before', () => {
    const without = snapshot([...standing, named('web'), version('v1'), version('v2')])
    const change = {
      before: named('web'),
      after: { ...named('web'), metadata: { name: 'catalog', namespace, labels: { a: 'b' } } },
    }
    assert.deepEqual(ours(introduced(judge, without, [change])), [])
  })
})
