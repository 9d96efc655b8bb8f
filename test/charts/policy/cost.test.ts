import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Answer } from '../../cluster/apply/asked.ts'
import { until } from '../../cluster/cluster.ts'
import { destination, http, isDenied, policies, policyName, sent, withPolicy, type Spec } from './policed.ts'

const real = clusterTests({ controllerManager: true, needs: ['helm4'] })

real('its expressions fit the types of Istio', async cluster => {
  await using _ = await withPolicy(cluster)
  let checked: unknown
  await until('the types are checked', async () => {
    const { status } = (await cluster.expect(`${policies['ValidatingAdmissionPolicy']!}/${policyName}`)) as {
      readonly status?: { readonly typeChecking?: unknown }
    }
    checked = status?.typeChecking
    return checked !== undefined
  })
  assert.deepEqual(checked, {})
})

const unweighted = (length: number): readonly object[] => Array.from({ length }, () => destination('a'))

// The guard judges objects of up to 150,000 values, and etcd stores 1.5 MB; beyond the cost that the API server allows, the policy would admit it.
const largest: Readonly<Record<string, Spec>> = {
  '18,700 routes with two destinations': http(...Array.from({ length: 18_700 }, () => unweighted(2))),
  '10,700 routes with four destinations': http(...Array.from({ length: 10_700 }, () => unweighted(4))),
  'nine routes with 5,000 destinations': http(...Array.from({ length: 9 }, () => unweighted(5_000))),
}

for (const [what, after] of Object.entries(largest)) {
  real(
    `the largest VirtualService that the guard judges is within what may be spent: ${what}`,
    async cluster => {
      await using _ = await withPolicy(cluster)
      assert.equal(isDenied(await inTime(() => sent(cluster, {}, { after }))), true)
    },
  )
}

real('a route with more than 5,000 destinations is left to the guard', async cluster => {
  await using _ = await withPolicy(cluster)
  for (const length of [5_000, 5_001])
    assert.equal(isDenied(await sent(cluster, {}, { after: http(unweighted(length)) })), length === 5_000)
})

/** An answer on a machine that is busy: the API server gives up after 34 s, of which a quiet one needs two. */
async function inTime(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const answer = await ask()
    if (answer.status !== 504 || tries === 3) return answer
  }
}
