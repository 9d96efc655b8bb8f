/** What a refusal offers in place of a subset, done to the letter: nothing is left to find. */
import assert from 'node:assert/strict'
import { parse } from 'yaml'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { destinationRule, route } from '../manifests.ts'
import { deployment, routedTests } from '../scene.ts'
import { follow } from './follow.ts'

const routedTest = routedTests(clusterTests())
const offers: readonly (readonly [string, string, string?])[] = [
  ['a subset that is not defined beside one that is', route(90, 10).replace('subset: v2', 'subset: v9')],
  [
    'two subsets that are not defined',
    route(90, 10).replace('subset: v1', 'subset: v8').replace('subset: v2', 'subset: v9'),
  ],
  ['a subset by a name that Istio refuses', route(90, 10).replace('subset: v2', 'subset: v1.2')],
  [
    'a subset that no workload has',
    route(90, 10).replace('subset: v2', 'subset: v9'),
    destinationRule(['v1', 'v2', 'v9']),
  ],
]

for (const [title, change, before] of offers) {
  for (const way of ['edit', 'command'] as const) {
    routedTest(
      `${title}: the ${way} is taken, without a warning`,
      async ({ cluster, namespace, taken, kubectl }) => {
        await taken('delete virtualservice catalog')
        if (before !== undefined) await taken('apply -f -', before)
        if (way === 'command')
          await taken('apply -f -', ['v8', 'v9'].map(version => deployment(version)).join('---'))
        const { metadata, ...rest } = parse(change) as KubeObject
        const { object, rules } = await follow(
          cluster,
          { ...rest, metadata: { ...metadata, namespace } },
          way,
        )
        assert.ok(rules.length > 0 || way === 'command')
        const again = await kubectl('replace -f -', JSON.stringify(object))
        assert.deepEqual([again.code, again.stderr], [0, ''])
      },
    )
  }
}
