import assert from 'node:assert/strict'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import type { Answer } from '../../../cluster/apply/asked.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { guarded } from '../guarded.ts'
import { deployment } from '../scene.ts'
import { all, destinationRule, route, service } from '../manifests.ts'

const real = clusterTests()
const pairs = 200

/** Merge-patches the routing of a namespace. */
const patchIn =
  (cluster: Cluster, namespace: string) =>
  (plural: string, spec: object): Promise<Answer> =>
    cluster.request(`/apis/networking.istio.io/v1/namespaces/${namespace}/${plural}/catalog`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { spec },
    })
const subsets = (...names: readonly string[]): object => ({
  subsets: names.map(name => ({ name, labels: { version: name } })),
})
const routes = (...names: readonly string[]): object => ({
  http: [
    {
      route: names.map(subset => ({
        destination: { host: 'catalog', subset },
        ...(names.length === 1 ? {} : { weight: 100 / names.length }),
      })),
    },
  ],
})

interface Outcomes {
  /** Pairs of which both changes were admitted. */
  readonly both: number
  readonly neither: number
}

/** "Drop the subset" and "use the subset", sent together again and again. */
async function race(cluster: Cluster): Promise<Outcomes> {
  const namespace = await cluster.namespace()
  const patch = patchIn(cluster, namespace)
  const manifests = all(
    service,
    deployment('v1'),
    deployment('v2'),
    destinationRule(['v1', 'v2']),
    route(90, 10),
  )
  await cluster.apply(manifests, { namespace })
  const admitted: number[] = []
  for (let i = 0; i < pairs; i++) {
    for (const [plural, spec] of [
      ['virtualservices', routes('v1')],
      ['destinationrules', subsets('v1', 'v2')],
    ] as const) {
      const { status, body } = await patch(plural, spec)
      assert.equal(status, 200, JSON.stringify(body))
    }
    const answers = await Promise.all([
      patch('destinationrules', subsets('v1')),
      patch('virtualservices', routes('v1', 'v2')),
    ])
    assert.ok(answers.every(({ status }) => status === 200 || status === 403))
    admitted.push(answers.filter(({ status }) => status === 200).length)
  }
  const count = (number: number): number => admitted.filter(each => each === number).length
  return { both: count(2), neither: count(0) }
}

real(
  'of 200 pairs of changes that exclude each other, one replica never admits both',
  async (cluster, context) => {
    await using _ = await guarded(cluster, { rules: guardedRules })
    const { both, neither } = await race(cluster)
    context.diagnostic(`${both} pairs both admitted, ${neither} both refused`)
    assert.deepEqual([both, neither], [0, 0])
  },
)

real(
  'two replicas, which do not know of each other, admit at least one of each pair',
  async (cluster, context) => {
    await using _ = await guarded(cluster, { rules: guardedRules, otherReplicas: 1 })
    const { both, neither } = await race(cluster)
    context.diagnostic(`${both} pairs both admitted, ${neither} both refused`)
    assert.equal(neither, 0)
  },
)
