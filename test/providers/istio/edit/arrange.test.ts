import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Workload } from '../../../../shared/objects/core.ts'
import type { DestinationRule } from '../../../../shared/objects/destination-rule.ts'
import { arrange } from '../../../../shared/providers/istio/edit/arrange.ts'
import type { Change } from '../../../../shared/view/change.ts'
import {
  deepFreeze,
  deployment,
  destinationRule,
  fromGateway,
  inMesh,
  toSubset,
} from '../../../plan/worlds.ts'

const routes: readonly Change[] = [
  { before: fromGateway(), after: fromGateway(toSubset('version-v2')) },
  { before: inMesh(), after: inMesh(toSubset('version-v2')) },
]
const ruled = (before: readonly string[] | undefined, after: readonly string[] | undefined): Change => ({
  ...(before !== undefined && { before: destinationRule(...before) }),
  ...(after !== undefined && { after: destinationRule(...after) }),
})
const scaled = (replicas: number | undefined): Workload => {
  const { spec, ...rest } = deployment('catalog-v2', { app: 'catalog', version: 'v2' })
  const { replicas: _, ...others } = spec
  return deepFreeze({ ...rest, spec: { ...others, ...(replicas !== undefined && { replicas }) } })
}
/** Each step as its kind, with the subsets or the pods that are left, and what it waits for. */
const steps = (...changes: readonly Change[]): readonly string[] =>
  arrange(changes).map(({ change: { before, after }, waits }) => {
    const object = (after ?? before)!
    const names = (after as DestinationRule | undefined)?.spec.subsets?.map(({ name }) => name.slice(-2))
    const pods = (after as Workload | undefined)?.spec?.replicas
    const left =
      object.kind === 'DestinationRule' ? names?.join() : object.kind === 'Deployment' ? pods : undefined
    return [object.kind, after === undefined ? 'deleted' : left, waits]
      .filter(each => each !== undefined)
      .join(' ')
  })
const [first, second] = ['VirtualService', 'VirtualService']
const [served, drained] = [`${first} served`, 'drained']

describe('the order of the changes of an edit', () => {
  it('adds subsets before the routes that name them, which wait until proxies have them', () => {
    assert.deepEqual(steps(...routes, ruled(['v1'], ['v1', 'v2'])), ['DestinationRule v1,v2', served, second])
    assert.deepEqual(steps(...routes, ruled(undefined, ['v1'])), ['DestinationRule v1', served, second])
  })
  it('removes subsets after the routes that named them, when their requests are answered', () => {
    assert.deepEqual(steps(ruled(['v1', 'v2'], ['v2']), ...routes), [
      first,
      second,
      `DestinationRule v2 ${drained}`,
    ])
    assert.deepEqual(steps(ruled(['v1'], undefined), ...routes), [
      first,
      second,
      `DestinationRule deleted ${drained}`,
    ])
  })
  it('writes a rule twice that gets some subsets and loses others', () => {
    const change = ruled(['v1', 'v2'], ['v2', 'v3'])
    assert.deepEqual(steps(change, ...routes), [
      'DestinationRule v2,v3,v1',
      served,
      second,
      `DestinationRule v2,v3 ${drained}`,
    ])
    const written = arrange([change]).map(({ change: each }) => each)
    assert.equal(written[0]?.before, change.before)
    assert.equal(written[1]?.before, written[0]?.after)
    assert.equal(written[1]?.after, change.after)
  })
  it('waits for nothing where no route is changed, or a rule has the subsets that it had', () => {
    assert.deepEqual(steps(ruled(['v1', 'v2'], ['v2'])), ['DestinationRule v2'])
    assert.deepEqual(steps(ruled(['v1', 'v2'], ['v2', 'v1']), ...routes), [
      'DestinationRule v2,v1',
      first,
      second,
    ])
  })
  it('waits once where several objects are added or removed', () => {
    const other = ruled(['v1'], ['v1', 'v3'])
    assert.deepEqual(steps(ruled(['v1'], ['v1', 'v2']), other, ...routes).slice(2), [served, second])
    assert.deepEqual(steps(ruled(['v1'], undefined), ruled(['v2'], undefined), ...routes).slice(2), [
      `DestinationRule deleted ${drained}`,
      'DestinationRule deleted',
    ])
  })
})

describe('the pods of an edit', () => {
  const pods = (before: number | undefined, after: number | undefined): Change => ({
    before: scaled(before),
    after: scaled(after),
  })
  it('come before the routes, which wait for them', () => {
    assert.deepEqual(steps(...routes, pods(1, 3)), ['Deployment 3', served, second])
    assert.deepEqual(steps(...routes, pods(0, undefined)), ['Deployment', served, second])
    assert.deepEqual(steps(...routes, { after: scaled(2) }), ['Deployment 2', served, second])
  })
  it('go after the routes', () => {
    assert.deepEqual(steps(pods(3, 1), ...routes), [first, second, `Deployment 1 ${drained}`])
    assert.deepEqual(steps(pods(undefined, 0), ...routes), [first, second, `Deployment 0 ${drained}`])
  })
  it('that stay as many need no wait', () => {
    assert.deepEqual(steps(pods(2, 2), ...routes), ['Deployment 2', first, second])
    assert.deepEqual(steps(pods(undefined, 1), ...routes), ['Deployment 1', first, second])
  })
})
