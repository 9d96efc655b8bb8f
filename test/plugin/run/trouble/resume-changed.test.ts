import assert from 'node:assert/strict'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { fastClock } from '../fast-clock.ts'
import { rehearsed, type Rehearsal } from '../rehearsal.ts'

const real = clusterTests()
const withBoth = clusterTests({ crds: ['istio', 'gateway-api'] })

/** Plays lines while a run is paused at its first step; gives how the run ended. */
async function whilePaused(
  rehearsal: Rehearsal,
  play: () => Promise<void>,
  line = 'run catalog v2 PLAN',
): Promise<string> {
  const { run, world } = rehearsal
  let isPlayed = false
  const ended = await run(
    line,
    fastClock(async seconds => {
      if (isPlayed || seconds < 10) return
      isPlayed = true
      await world.does('pause catalog')
      await play()
    }),
  )
  return `${ended.code} ${ended.stdout}${ended.stderr}`
}

const undone = / {2}To continue it, first take the change back: kubectl canary (undo .*) -n \S+$/m

real(
  'a paused run whose routes were changed is not resumed, and continues when that is undone',
  async cluster => {
    await rehearsed(cluster, {}, async rehearsal => {
      const { run, world, shares } = rehearsal
      const ended = await whilePaused(rehearsal, async () => {
        for (const lines of [
          ['weight catalog v2=33'],
          ['weight catalog v2=34', 'cohort qa catalog --to v2'],
        ]) {
          for (const line of lines) assert.match((await world.does(line)).stderr, /keeps it from continuing/)
          const refused = await run('resume catalog')
          assert.equal(refused.code, 3)
          assert.match(refused.stderr, /cannot continue: \S+ changed the routes: .*\(kubectl canary /)
          assert.equal((await run('resume catalog --dry-run=client')).code, 3)
          assert.match((await world.does('status catalog')).stdout, /paused by .* were changed since$/m)
          assert.match((await world.does('list')).stdout, /v2 1\/2 paused, routes changed/)
          assert.equal((await run('wait catalog --for paused')).code, 0)
          assert.equal((await world.does(undone.exec(refused.stderr)![1]!)).stderr, '')
          assert.doesNotMatch((await world.does('status catalog')).stdout, /changed since/)
        }
        await world.does('resume catalog')
      })
      assert.match(ended, /^0 /)
      assert.equal(await shares(), 'everyone → v2')
    })
  },
)

real(
  'a paused run whose routes were changed with kubectl is ended by resume --force, as they are',
  async cluster => {
    await rehearsed(cluster, {}, async rehearsal => {
      const { run, world, shares } = rehearsal
      const ended = await whilePaused(rehearsal, async () => {
        const patch = [
          { op: 'replace', path: '/spec/http/0/route/0/weight', value: 67 },
          { op: 'replace', path: '/spec/http/0/route/1/weight', value: 33 },
        ]
        for (const name of ['catalog', 'catalog-public'])
          await cluster.kubectl([
            'patch',
            'virtualservice',
            name,
            '-n',
            world.namespace,
            '--type=json',
            '-p',
            JSON.stringify(patch),
          ])
        const refused = await run('resume catalog')
        assert.equal(refused.code, 3)
        assert.match(
          refused.stderr,
          /not with kubectl canary\n {2}To continue it, first edit the routes back/,
        )
        assert.match((await run('resume catalog --force')).stdout, /the run of v2 is over/)
      })
      assert.match(ended, /^1 [^]*stopped without a rollback: the routes of .* were changed/)
      assert.equal(await shares(), 'everyone → v1 67 %, v2 33 %')
    })
  },
)

real('whoever may not read the routes resumes a run all the same', async cluster => {
  await rehearsed(cluster, {}, async rehearsal => {
    const { world } = rehearsal
    await cluster.kubectl([
      'create',
      'role',
      'leases',
      '--verb=get,list,patch',
      '--resource=leases',
      '-n',
      world.namespace,
    ])
    await cluster.kubectl([
      'create',
      'rolebinding',
      'leases',
      '--role=leases',
      '--user=holder',
      '-n',
      world.namespace,
    ])
    const holder = await cluster.kubeconfigFor({ name: 'holder' })
    const ended = await whilePaused(rehearsal, async () => {
      const { code, stderr } = await world.canary('resume catalog', ['--kubeconfig', holder])
      assert.equal(code, 0, stderr)
    })
    assert.match(ended, /^0 /)
  })
})

const outside = (namespace: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog-outside, namespace: ${namespace}-outside }
spec:
  hosts: [outside.${namespace}.example.com]
  gateways: [${namespace}/public]
  http:
    - route:
        - destination: { host: catalog.${namespace}.svc.cluster.local, subset: v1 }
`

real('whoever may read the routes of one namespace alone resumes a run all the same', async cluster => {
  await rehearsed(cluster, {}, async rehearsal => {
    const { world } = rehearsal
    const { namespace } = world
    await cluster.kubectl(['create', 'namespace', `${namespace}-outside`])
    await cluster.apply(outside(namespace))
    await cluster.apply(
      `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: all }
rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: all }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: all }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: owner }]
`,
      { namespace },
    )
    const owner = await cluster.kubeconfigFor({ name: 'owner' })
    const ended = await whilePaused(rehearsal, async () => {
      assert.doesNotMatch(
        (await world.canary('status catalog', ['--kubeconfig', owner])).stdout,
        /changed since/,
      )
      const { code, stderr } = await world.canary('resume catalog', ['--kubeconfig', owner])
      assert.equal(code, 0, stderr)
    })
    assert.match(ended, /^0 /)
  })
})

const httpRoute = `
apiVersion: v1
kind: Service
metadata: { name: catalog-v1 }
spec: { selector: { app: catalog, version: v1 }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: catalog-v2 }
spec: { selector: { app: catalog, version: v2 }, ports: [{ name: http, port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: catalog }
spec:
  parentRefs: [{ group: '', kind: Service, name: catalog }]
  rules: [{ backendRefs: [{ name: catalog-v1, port: 80 }] }]
`

withBoth("beside a run of one routing API, another API's routes are no part of it", async cluster => {
  await rehearsed(cluster, {}, async rehearsal => {
    const { world } = rehearsal
    await cluster.apply(httpRoute, { namespace: world.namespace })
    const offered = / {2}To abort it: kubectl canary (abort .*) -n \S+ (--provider \S+)$/m
    const statusOf = async (
      words = '',
    ): Promise<readonly (Readonly<Record<string, unknown>> | undefined)[]> => {
      const { stdout } = await world.does(`status catalog -o json${words}`)
      const { services } = JSON.parse(stdout) as { services: { run?: Record<string, unknown> }[] }
      return services.map(service => service.run)
    }
    const ended = await whilePaused(
      rehearsal,
      async () => {
        const [mesh, gateway] = await statusOf()
        assert.deepEqual([mesh, gateway?.['status'], gateway?.['changed']], [undefined, 'running', undefined])
        const other = await world.does('weight catalog v2=20 --provider istio')
        assert.match(other.stderr, /which this edit does not change/)
        assert.equal((await statusOf())[1]?.['changed'], undefined)
        const undone = await world.does('undo catalog')
        assert.match(undone.stdout, /^virtualservice\S+ configured$/m)
        assert.match(
          (await world.does('weight catalog v2=20 --provider gateway-api')).stderr,
          /keeps it from/,
        )
        assert.ok(Array.isArray((await statusOf())[1]?.['changed']))
        const { code, stdout } = await world.does('undo catalog')
        assert.equal(code, 0)
        assert.match(stdout, /v1 90 %, v2 10 %\nhttproute\S+ configured$/m)
        const { stderr } = await world.does('abort catalog --provider istio')
        assert.equal((await statusOf())[1]?.['status'], 'running')
        const [, abort, api] = offered.exec(stderr)!
        assert.match((await world.does(`${abort} ${api}`)).stderr, /is over/)
      },
      'run catalog v2 PLAN --provider gateway-api',
    )
    assert.match(ended, /^1 /)
    assert.match(ended, /was aborted/)
  })
})

withBoth('a run keeps the routing API that was chosen for it', async cluster => {
  await rehearsed(cluster, {}, async rehearsal => {
    const { run, world } = rehearsal
    await cluster.apply(httpRoute, { namespace: world.namespace })
    const ended = await whilePaused(
      rehearsal,
      async () => {
        const weighted = (v1: number, v2: number): Promise<unknown> =>
          cluster.kubectl([
            'patch',
            'httproute',
            'catalog',
            '-n',
            world.namespace,
            '--type=json',
            '-p',
            JSON.stringify([
              { op: 'replace', path: '/spec/rules/0/backendRefs/0/weight', value: v1 },
              { op: 'replace', path: '/spec/rules/0/backendRefs/1/weight', value: v2 },
            ]),
          ])
        await weighted(67, 33)
        const refused = await run('resume catalog')
        assert.equal(refused.code, 3, refused.stderr)
        assert.match(refused.stderr, /the routes of HTTPRoute \S+ were changed/)
        await weighted(90, 10)
        const { code, stderr } = await run('resume catalog')
        assert.equal(code, 0, stderr)
      },
      'run catalog v2 --provider gateway-api PLAN',
    )
    assert.match(ended, /^0 /)
  })
})
