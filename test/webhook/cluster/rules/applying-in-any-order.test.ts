import assert from 'node:assert/strict'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { guarded } from '../guarded.ts'
import { all, destinationRule, route, service } from '../manifests.ts'
import { deployment } from '../scene.ts'
import { blocksOf } from './denial.ts'

const real = clusterTests()
const parts = {
  service,
  workloads: all(deployment('v1'), deployment('v2')),
  rule: destinationRule(['v1', 'v2']),
  route: route(90, 10),
}

/** All orders of some words. */
const orders = (words: readonly string[]): readonly (readonly string[])[] =>
  words.length < 2
    ? [words]
    : words.flatMap(word => orders(words.filter(other => other !== word)).map(rest => [word, ...rest]))

real(
  'in any order of a valid canary, only the route is denied, with what it needs, and the second time everything is admitted',
  async cluster => {
    await using _guard = await guarded(cluster, { rules: guardedRules })
    const refused = new Map<string, readonly string[]>()
    for (const order of orders(Object.keys(parts)) as readonly (readonly (keyof typeof parts)[])[]) {
      const namespace = await cluster.namespace()
      const apply = () =>
        cluster.kubectl(['apply', '-n', namespace, '-f', '-'], {
          stdin: all(...order.map(part => parts[part])),
        })
      const first = await apply()
      if (first.code === 0) continue
      const blocks = blocksOf(first.stderr)
      assert.deepEqual(
        new Set(blocks.map(({ object }) => object)),
        new Set([`VirtualService ${namespace}/catalog`]),
        first.stderr,
      )
      const second = await apply()
      assert.deepEqual([second.code, second.stderr], [0, ''], order.join())
      assert.match(
        first.stderr,
        /Fix: First apply the DestinationRule that defines the subset, or define it with:\n {4}echo /,
      )
      refused.set(order.join(' '), [...new Set(blocks.map(({ rule }) => rule))])
    }
    const waits = [
      'service workloads route rule',
      'service route workloads rule',
      'service route rule workloads',
      'workloads service route rule',
    ]
    assert.deepEqual(
      [...refused],
      waits.map(order => [order, ['subset-without-destination-rule']]),
    )
  },
)
