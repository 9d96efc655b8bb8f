import assert from 'node:assert/strict'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { fastClock } from '../fast-clock.ts'
import { rehearsed } from '../rehearsal.ts'

const real = clusterTests({ crds: ['istio', 'controllers'] })

const labels = { app: 'checkout' }
const rollout = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'delivery' },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:2' }] } },
    strategy: {
      canary: { stableService: 'catalog', canaryService: 'catalog-canary', steps: [{ setWeight: 20 }] },
    },
  },
} as KubeObject
/** What orders a controller was given. */
async function ordersTo(cluster: Cluster, namespace: string): Promise<string> {
  const { stdout } = await cluster.kubectl(['get', 'rollouts', '-n', namespace, '-o', 'json'])
  const { items } = JSON.parse(stdout) as { readonly items: readonly { readonly status?: object }[] }
  return items.map(({ status }) => JSON.stringify(status ?? {})).join()
}

real('a run ends at its next step where a Rollout has taken its routes over', async cluster => {
  await rehearsed(cluster, {}, async ({ run, shares, world }) => {
    let isTaken = false
    const ended = await run(
      'run catalog v2 PLAN',
      fastClock(async seconds => {
        if (isTaken || seconds < 10) return
        isTaken = true
        await cluster.apply(JSON.stringify(rollout), { namespace: world.namespace })
      }),
    )
    assert.equal(ended.code, 1, ended.stdout + ended.stderr)
    assert.match(ended.stdout, /was stopped without a rollback: .*Rollout /)
    assert.equal(await shares(), 'everyone → v1 90 %, v2 10 %')
    assert.match((await run('run catalog --resume')).stderr, /is over/)
  })
})

real('abort ends a run under a Rollout, and gives its controller no order', async cluster => {
  await rehearsed(cluster, {}, async ({ run, shares, world }) => {
    let isTaken = false
    const ended = await run(
      'run catalog v2 PLAN',
      fastClock(async seconds => {
        if (isTaken || seconds < 10) return
        isTaken = true
        await cluster.apply(JSON.stringify(rollout), { namespace: world.namespace })
        const dry = await run('abort catalog --dry-run=client')
        assert.equal(dry.code, 0, dry.stderr)
        assert.match(dry.stdout, /dry run/)
        assert.match((await world.does('status catalog')).stdout, /run of v2: step 1 of 2/)
        const { stdout } = await world.does('abort catalog')
        assert.match(stdout, /is over, and the routes stay as they are, .*Rollout /)
        assert.equal(await ordersTo(cluster, world.namespace), '{}')
      }),
    )
    assert.equal(ended.code, 1, ended.stdout + ended.stderr)
    assert.equal(await shares(), 'everyone → v1 90 %, v2 10 %')
    assert.match((await world.does('status catalog')).stdout, /last run: .* ended it: /)
  })
})

real('abort of a Service with a run in progress says how the Rollout is aborted, too', async cluster => {
  await rehearsed(cluster, {}, async ({ run, world: { namespace } }) => {
    let isTaken = false
    await run(
      'run catalog v2 PLAN',
      fastClock(async seconds => {
        if (isTaken || seconds < 10) return
        isTaken = true
        await cluster.apply(JSON.stringify(rollout), { namespace })
        const status = { currentPodHash: 'b', stableRS: 'a', currentStepIndex: 0, phase: 'Progressing' }
        await cluster.expect(`/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts/delivery/status`, {
          method: 'PATCH',
          contentType: 'application/merge-patch+json',
          body: { status },
        })
        const { stderr } = await run('abort catalog')
        const [, again] = /kubectl canary (abort \S+) -n /.exec(stderr) ?? []
        assert.equal((await run(again!)).code, 0)
        assert.match(await ordersTo(cluster, namespace), /"abort":true/)
      }),
    )
  })
})
