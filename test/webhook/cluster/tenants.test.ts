/** People with rights in one namespace only, and the guard by the chart's own configuration. */
import assert from 'node:assert/strict'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster, Outcome } from '../../cluster/cluster.ts'
import { one, render } from '../../charts/helm.ts'
import { guarded, type GuardAddress, type GuardedOptions } from './guarded.ts'
import { all, destinationRule, route } from './manifests.ts'
import { deployment, routed } from './scene.ts'

const real = clusterTests({ needs: ['helm4'] })

/** The chart's configuration, for a guard at an address. */
async function chartConfiguration({ at, authority }: GuardAddress): Promise<object> {
  const objects = await render({
    fullnameOverride: 'canary-guard',
    certificate: {
      mode: 'secret',
      secretName: 'x',
      caBundle: Buffer.from(authority).toString('base64'),
    },
    webhook: { failurePolicy: 'Fail', url: (at as { readonly url: string }).url },
  })
  return one(objects, 'ValidatingWebhookConfiguration')
}

interface Tenancy {
  readonly shop: string
  readonly bank: string
  /** kubectl as jane, who has rights in the namespace `shop`. */
  readonly jane: (args: string, stdin?: string) => Promise<Outcome>
  readonly admin: (args: string, stdin?: string) => Promise<Outcome>
  /** Lets jane read the routing of the other namespace too. */
  readonly grant: () => Promise<void>
}

let made = 0

function tenantTest(title: string, options: GuardedOptions, body: (tenancy: Tenancy) => Promise<void>): void {
  real(title, async cluster => {
    const [shop, bank] = [await cluster.namespace({ team: 'shop' }), await cluster.namespace()]
    const name = `jane-${made++}`
    await cluster.apply(all(...routed), { namespace: shop })
    await bindTo(cluster, { user: name, namespace: shop, verbs: ['*'] })
    await bindToNamespace(cluster, name, shop)
    const kubeconfig = await cluster.kubeconfigFor({ name, groups: ['people'] })
    await using _guard = await guarded(cluster, {
      rules: guardedRules,
      configurationFor: chartConfiguration,
      ...options,
    })
    await body({
      shop,
      bank,
      jane: (args, stdin = '') => cluster.kubectl([...args.split(' '), '-n', shop], { stdin, kubeconfig }),
      admin: (args, stdin = '') => cluster.kubectl(args.split(' '), { stdin }),
      grant: () => bindTo(cluster, { user: name, namespace: bank, verbs: ['get'] }),
    })
  })
}

async function bindTo(
  cluster: Cluster,
  {
    user,
    namespace,
    verbs,
  }: { readonly user: string; readonly namespace: string; readonly verbs: readonly string[] },
): Promise<void> {
  await cluster.apply(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'Role',
          metadata: { name: user },
          rules: [{ apiGroups: ['', 'apps', 'networking.istio.io'], resources: ['*'], verbs }],
        },
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: { name: user },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
        },
      ],
    }),
    { namespace },
  )
}

/** Jane may also label her own Namespace, as tenants may in many clusters. */
async function bindToNamespace(cluster: Cluster, user: string, namespace: string): Promise<void> {
  const rules = [
    {
      apiGroups: [''],
      resources: ['namespaces', 'namespaces/status', 'namespaces/finalize'],
      resourceNames: [namespace],
      verbs: ['get', 'patch', 'update'],
    },
  ]
  const path = '/apis/rbac.authorization.k8s.io/v1'
  await cluster.expect(`${path}/clusterroles`, { method: 'POST', body: { metadata: { name: user }, rules } })
  await cluster.expect(`${path}/clusterrolebindings`, {
    method: 'POST',
    body: {
      metadata: { name: user },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    },
  })
}

const exempt = 'kubectl-canary/exempt'
const reason = 'weights-sum-to-100: load test'
const metadata = `annotations: { ${exempt}: "${reason}" }`
const nobody = { exemptions: { allowed: 'nobody', never: [] } } as const
const refused = /\[invalid-exemption\].*\n.* may not /

tenantTest(
  'who may not exempt can neither write an exemption nor opt a namespace out',
  { config: nobody },
  async ({ jane, shop }) => {
    for (const [args, stdin] of [
      ['apply -f -', route(90, 20, { metadata })],
      [`annotate virtualservice catalog ${exempt}=weights-sum-to-100:x`, ''],
      [`annotate destinationrule catalog ${exempt}=undefined-subset:x`, ''],
      [`annotate service catalog ${exempt}=unnamed-port:x`, ''],
      [`annotate deployment catalog-v1 ${exempt}=missing-version-label:x`, ''],
      [
        `patch deployment catalog-v1 --subresource=status --type=merge -p {"metadata":{"annotations":{"${exempt}":"unnamed-port:x"}}}`,
        '',
      ],
      [
        `patch service catalog --subresource=status --type=merge -p {"metadata":{"annotations":{"${exempt}":"unnamed-port:x"}}}`,
        '',
      ],
      [`label namespace ${shop} kubectl-canary/guard=disabled`, ''],
      [
        `patch namespace ${shop} --subresource=status --type=merge -p {"metadata":{"labels":{"kubectl-canary/guard":"disabled"}}}`,
        '',
      ],
    ] as const) {
      const { code, stderr } = await jane(args, stdin)
      assert.deepEqual([code, refused.test(stderr)], [1, true], `${args}: ${stderr}`)
    }
  },
)

tenantTest(
  'an exemption that stands stays valid, and who writes is warned that it takes effect',
  { config: { exemptions: { allowed: { groups: ['system:masters'] }, never: [] } } },
  async ({ jane, admin, shop }) => {
    const written = await admin(
      `annotate -n ${shop} virtualservice catalog ${exempt}=${reason.replaceAll(' ', '_')}`,
    )
    assert.equal(written.code, 0, written.stderr)
    const kept = `annotations: { ${exempt}: "${reason.replaceAll(' ', '_')}" }`
    const { code, stderr } = await jane('apply -f -', route(90, 20, { metadata: kept }))
    assert.equal(code, 0, stderr)
    assert.match(stderr, /Warning: weights-sum-to-100: exempt \(/)
    const opted = await admin(`label namespace ${shop} kubectl-canary/guard=disabled`)
    assert.deepEqual([opted.code, /Warning: namespace-opt-out: /.test(opted.stderr)], [0, true], opted.stderr)
  },
)

tenantTest('an exempt DestinationRule may not drop a subset that a route uses', {}, async ({ jane }) => {
  assert.equal(
    (await jane(`annotate destinationrule catalog ${exempt}=undefined-subset:they_go_next`)).code,
    0,
  )
  const { code, stderr } = await jane('delete destinationrule catalog')
  assert.deepEqual(
    [code, /\[(?:undefined-subset|subset-without-destination-rule)\]/.test(stderr)],
    [1, true],
    stderr,
  )
})

/** Objects of the other tenant; every name has `zq` in it. */
const bankObjects = (shop: string): string =>
  all(
    `
apiVersion: v1
kind: Service
metadata: { name: ledger-zq }
spec: { selector: { app: ledger-zq }, ports: [{ name: http-zq, port: 46001 }, { name: http-adm-zq, port: 46002 }] }
`,
    `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: rule-zq }
spec: { host: ledger-zq, subsets: [{ name: blue-zq, labels: { build-zq: b1-zq } }] }
`,
    `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: uses-zq }
spec:
  hosts: [uses-zq.${shop}.example.com]
  http: [{ route: [{ destination: { host: catalog.${shop}.svc.cluster.local, subset: v2, port: { number: 80 } } }] }]
`,
    deployment('zq', 'app: ledger-zq, build-zq: b1-zq').replace(
      '{ app: catalog, name: catalog-zq }',
      '{ name: catalog-zq }',
    ),
  )

const probe = (destination: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: probe }
spec: { hosts: [probe.example.com], http: [{ route: [{ destination: ${destination} }] }] }
`

const probes = (bank: string): readonly string[] => [
  probe(`{ host: ledger-zq.${bank}.svc.cluster.local, subset: nope, port: { number: 46001 } }`),
  probe(`{ host: ledger-zq.${bank}.svc.cluster.local, port: { number: 81 } }`),
  probe(`{ host: ledger-zq.${bank}.svc.cluster.local }`),
  probe(`{ host: ledgr-zq.${bank}.svc.cluster.local }`),
  destinationRule(['v1']),
  route(50, 50).replace('name: catalog', 'name: probe'),
]

/** What the API server and the guard say, without the words of the request and the name of its own namespace, which is random. */
const learned = ({ stdout, stderr }: Outcome, said: string, own: string): readonly string[] => {
  const words = new Set([own, ...(said.match(/[\w.-]+/g) ?? [])])
  return `${stdout} ${stderr}`.match(/[\w.-]*(?:zq|4600\d)[\w.-]*/g)?.filter(word => !words.has(word)) ?? []
}

for (const [callers, isTold] of [
  [{ isNetworkTrusted: true }, true],
  [{ isNetworkTrusted: false }, false],
] as const)
  tenantTest(
    `dry runs tell nothing of a namespace that the user may not read; what she may read is told ${isTold ? 'to the API server' : 'to no unknown caller'}`,
    { callers },
    async ({ jane, admin, grant, shop, bank }) => {
      const { code, stderr } = await admin(`apply -n ${bank} -f -`, bankObjects(shop))
      assert.equal(code, 0, stderr)
      for (const said of probes(bank)) {
        const outcome = await jane('apply --dry-run=server -f -', said)
        assert.deepEqual(learned(outcome, said, shop), [], outcome.stderr)
      }
      await grant()
      const [first] = probes(bank) as readonly [string]
      // What was refused before is remembered for some seconds.
      const seen = await answerOf(() => jane('apply -f - --dry-run=server', first), isTold)
      assert.equal(seen.includes('blue-zq'), isTold, seen)
    },
  )

/** The answer, again until it names what may be named or the remembered answers are gone. */
async function answerOf(ask: () => Promise<Outcome>, isTold: boolean): Promise<string> {
  const deadline = Date.now() + 40_000
  for (;;) {
    const { stderr } = await ask()
    if (!isTold || stderr.includes('blue-zq') || Date.now() > deadline) return stderr
    await new Promise(resolve => setTimeout(resolve, 1000))
  }
}
