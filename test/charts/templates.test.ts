import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { guardedRules } from '../../shared/rules/catalogue.ts'
import { describedRules } from '../../shared/rules/described.ts'
import { webhookNames } from '../../webhook/certificate/webhook-configuration.ts'
import { configReader } from '../../webhook/config/read-config.ts'
import { createMetrics } from '../../webhook/observe/metrics.ts'
import { optionsOf } from '../../webhook/run/options.ts'
import { chart, combinations, helm, helms, helmTest, one, render, template, type Rendered } from './helm.ts'

interface RenderedWebhook {
  readonly name: string
  readonly failurePolicy: string
  readonly clientConfig: { readonly caBundle?: string; readonly url?: string; readonly service?: object }
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[]
  readonly namespaceSelector: { readonly matchExpressions: readonly { readonly values: readonly string[] }[] }
  readonly rules: readonly { readonly resources: readonly string[] }[]
  readonly [field: string]: unknown
}
interface RenderedContainer {
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly args: readonly string[]
  readonly securityContext: object
}
interface RenderedPodSpec {
  readonly securityContext: object
  readonly containers: readonly [RenderedContainer]
  readonly volumes: readonly object[]
  readonly enableServiceLinks?: boolean
}
const webhooksOf = (objects: readonly Rendered[]) =>
  one(objects, 'ValidatingWebhookConfiguration')['webhooks'] as readonly RenderedWebhook[]
const podOf = (objects: readonly Rendered[]) =>
  (one(objects, 'Deployment')['spec'] as { readonly template: { readonly spec: RenderedPodSpec } }).template
    .spec
for (const which of helms) {
  helmTest(`${which} lint finds nothing wrong`, async () => {
    const { code, stdout, stderr } = await helm(which, ['lint', '--strict', chart])
    assert.equal(code, 0, stdout + stderr)
  })
  for (const [name, values] of Object.entries(combinations)) {
    helmTest(`${which} renders ${name}`, async () => {
      const objects = await render(values, which)
      const names = objects.map(
        ({ kind, metadata }) =>
          `${kind} ${metadata.namespace} ${metadata.name} ${metadata.annotations?.['helm.sh/hook']}`,
      )
      assert.equal(new Set(names).size, names.length)
      for (const { kind, metadata } of objects) {
        assert.equal(metadata.labels?.['app.kubernetes.io/instance'], 'guard', `${kind} ${metadata.name}`)
        assert.equal(metadata.labels?.['app.kubernetes.io/managed-by'], 'Helm', `${kind} ${metadata.name}`)
      }
    })
  }
}

helmTest('both Helms render the same', async () => {
  const sorted = (objects: readonly Rendered[]) =>
    objects.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  for (const values of Object.values(combinations))
    assert.deepEqual(sorted(await render(values, 'helm3')), sorted(await render(values, 'helm4')))
})

helmTest(
  "refuses a cluster that knows no matchConditions, and takes a provider's version of one that does",
  async () => {
    const of = async (version: string) => (await template('helm4', {}, ['--kube-version', version])).code
    assert.deepEqual([await of('v1.29.9'), await of('v1.30.0'), await of('v1.31.2-eks-7f9249a')], [1, 0, 0])
  },
)

test('there is one object in each template', async () => {
  const files = (await readdir(join(chart, 'templates'), { recursive: true })).filter(name =>
    name.endsWith('.yaml'),
  )
  for (const file of files) {
    const text = await readFile(join(chart, 'templates', file), 'utf8')
    assert.equal([...text.matchAll(/^kind:/gm)].length, 1, file)
    assert.equal(
      file.endsWith(`${/^kind: (.*)$/m.exec(text)![1]!.toLowerCase()}.yaml`)
        || /-removal|-history|dashboard/.test(file),
      true,
      file,
    )
  }
})

helmTest('tests itself in another namespace than its own, which is never judged', async () => {
  const tests = (objects: readonly Rendered[]) =>
    objects.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'test')
  for (const [namespace, wanted] of [
    ['', 'default'],
    ['shop', 'shop'],
    ['guard-system', 'kube-public'],
  ] as const) {
    const objects = tests(await render(namespace === '' ? {} : { test: { namespace } }))
    const { args } = (objects.find(({ kind }) => kind === 'Pod')!['spec'] as RenderedPodSpec).containers[0]
    assert.deepEqual(args, ['test', `--namespace=${wanted}`])
    assert.deepEqual(
      objects.filter(({ kind }) => kind.startsWith('Role')).map(({ metadata }) => metadata.namespace),
      [wanted, wanted],
    )
  }
})

helmTest('refuses one port for two servers', async () => {
  const { code, stderr } = await template('helm4', { probePort: 10250 })
  assert.deepEqual([code, /probePort and webhook.port are both 10250/.test(stderr)], [1, true], stderr)
})

helmTest(
  'routes follow the failure policy of the values, Services and workloads are always let in',
  async () => {
    const policies = async (failurePolicy: string) =>
      webhooksOf(await render({ webhook: { failurePolicy } })).map(webhook => webhook.failurePolicy)
    assert.deepEqual(
      [await policies('Ignore'), await policies('Fail')],
      [
        ['Ignore', 'Ignore', 'Ignore', 'Ignore'],
        ['Fail', 'Ignore', 'Ignore', 'Ignore'],
      ],
    )
  },
)

helmTest('has the entries that the guard puts its caBundle into, and no caBundle of its own', async () => {
  const webhooks = webhooksOf(await render())
  assert.deepEqual(
    webhooks.map(({ name }) => name),
    webhookNames,
  )
  assert.deepEqual(
    webhooks.map(({ clientConfig }) => Object.keys(clientConfig)),
    webhookNames.map(() => ['service']),
  )
  assert.deepEqual(
    webhooks.slice(0, 2).flatMap(({ rules }) => rules.flatMap(rule => rule.resources)),
    [
      'virtualservices',
      'destinationrules',
      'httproutes',
      'grpcroutes',
      'services',
      'deployments',
      'statefulsets',
      'daemonsets',
      'referencegrants',
    ],
  )
  assert.deepEqual(
    webhooks.map(({ timeoutSeconds }) => timeoutSeconds),
    [5, 5, 5, 1],
  )
  for (const { sideEffects, matchPolicy, admissionReviewVersions, namespaceSelector } of webhooks) {
    assert.deepEqual(
      { sideEffects, matchPolicy, admissionReviewVersions },
      { sideEffects: 'None', matchPolicy: 'Equivalent', admissionReviewVersions: ['v1'] },
    )
    assert.deepEqual(namespaceSelector.matchExpressions[0]!.values, ['kube-system', 'guard-system'])
  }
})

helmTest('a guard outside the cluster is called by its URL, and its certificate has that name', async () => {
  const objects = await render(combinations['a guard outside the cluster'])
  assert.deepEqual(
    webhooksOf(objects).map(({ clientConfig }) => clientConfig),
    webhookNames.map(() => ({ url: 'https://127.0.0.1:8443/validate' })),
  )
  assert.equal(optionsOf(podOf(objects).containers[0].args, {})!.certificateNames, '127.0.0.1')
})

helmTest(
  'what is rendered without a cluster has no second configuration, which kubectl apply would take for the first',
  async () => {
    assert.deepEqual(
      (await render())
        .filter(({ kind }) => kind === 'ValidatingWebhookConfiguration')
        .map(({ metadata }) => metadata.annotations),
      [undefined],
    )
  },
)

helmTest('the configuration is the first file, so that kubectl deletes it before what it calls', async () => {
  const files = (await readdir(join(chart, 'templates'), { recursive: true })).filter(
    name => name.endsWith('.yaml') && !name.endsWith('-removal.yaml'),
  )
  assert.equal(files.sort()[0], 'admission/validatingwebhookconfiguration.yaml')
})

helmTest('cert-manager is asked for the name or the address by which the guard is called', async () => {
  const namesOf = async (url: string) => {
    const { dnsNames, ipAddresses } = one(
      await render({ certificate: { mode: 'certManager' }, webhook: { url } }),
      'Certificate',
    )['spec'] as Readonly<Record<string, readonly string[] | undefined>>
    return [...dnsNames!.slice(1), ...(ipAddresses ?? [])]
  }
  assert.deepEqual(
    [
      await namesOf('https://guard.example.com:8443/validate'),
      await namesOf('https://10.0.0.7/validate'),
      await namesOf(''),
    ],
    [['guard.example.com'], ['10.0.0.7'], []],
  )
})

helmTest('the guard understands the arguments and the configuration that the chart gives it', async () => {
  for (const [name, values] of Object.entries(combinations)) {
    const objects = await render(values)
    const options = optionsOf(podOf(objects).containers[0].args, {})!
    assert.equal(
      (options.certificateDir === undefined) !== (options.certificateSecret === undefined),
      true,
      name,
    )
    assert.equal(options.config, '/etc/canary-guard/config/config.yaml')
    const text = (
      one(await render({ ...values, dashboard: { enabled: false } }), 'ConfigMap')['data'] as Readonly<
        Record<string, string>
      >
    )['config.yaml']!
    assert.doesNotThrow(() => configReader(describedRules(guardedRules).map(({ id }) => id))(text), name)
  }
})

helmTest('pods run without any privilege', async () => {
  const objects = await render(combinations['everything switched on'])
  const pods = [podOf(objects), objects.find(({ kind }) => kind === 'Pod')!['spec'] as RenderedPodSpec]
  for (const { securityContext, containers, enableServiceLinks } of pods) {
    assert.equal(enableServiceLinks, false, 'a Service called canary-guard would set CANARY_GUARD_PORT')
    assert.deepEqual(securityContext, {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    assert.deepEqual(containers[0].securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  }
})

helmTest('Node is told how much of the memory limit its objects may take: a third', async () => {
  const told = async (memory: unknown) => {
    const { env } = podOf(await render({ resources: { limits: { memory } } })).containers[0]
    return Object.fromEntries(env.map(({ name, value }) => [name, value]))
  }
  const heap = (mib: number) => ({
    NODE_OPTIONS: `--max-semi-space-size=8 --max-old-space-size=${mib}`,
    MALLOC_ARENA_MAX: '2',
  })
  for (const [memory, mib] of [
    ['384Mi', 128],
    ['1.5Gi', 512],
    ['400M', 127],
    [402_653_184, 128],
    ['786432Ki', 256],
  ] as const)
    assert.deepEqual(await told(memory), heap(mib), String(memory))
  assert.equal((await told(null))['NODE_OPTIONS'], '--max-semi-space-size=8')
})

helmTest('replicas are replaced without a gap', async () => {
  const { strategy, replicas } = one(await render(), 'Deployment')['spec'] as Readonly<
    Record<string, unknown>
  >
  assert.deepEqual(
    [replicas, strategy],
    [2, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }],
  )
  assert.equal(
    (await render({ replicas: 1 })).some(({ kind }) => kind === 'PodDisruptionBudget'),
    false,
  )
})

helmTest('the dashboard and the alerts ask for metrics that there are', async () => {
  const objects = await render(combinations['everything switched on'])
  const known = new Set((await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name))
  const dashboard = (
    objects.find(({ metadata }) => metadata.name.endsWith('-dashboard'))!['data'] as Readonly<
      Record<string, string>
    >
  )['canary-guard.json']!
  assert.equal((JSON.parse(dashboard) as { readonly panels: readonly object[] }).panels.length, 10)
  const asked = [
    ...`${dashboard} ${JSON.stringify(one(objects, 'PrometheusRule'))}`.matchAll(/canary_guard_[a-z_]+/g),
  ].map(([name]) => name.replace(/_bucket$/, ''))
  assert.deepEqual(
    [...new Set(asked)].filter(name => !known.has(name)),
    [],
  )
})

helmTest(
  'the notes tell how to see, test, bypass and remove it, and how to have nothing get past it',
  async () => {
    const notes = async (values: object) => {
      const { stdout } = await helm('helm4', [
        'install',
        'guard',
        chart,
        '--namespace',
        'guard-system',
        '--dry-run=client',
        '--set-json',
        `webhook=${JSON.stringify(values)}`,
      ])
      return stdout.slice(stdout.indexOf('NOTES:'))
    }
    const text = await notes({})
    for (const line of [
      'helm -n guard-system test guard',
      'upgrade guard charts/canary-guard --reuse-values --set webhook.failurePolicy=Fail',
      'kubectl-canary/guard=disabled',
      'helm -n guard-system uninstall guard',
      'kubectl delete validatingwebhookconfiguration guard-canary-guard',
    ]) {
      assert.equal(text.includes(line), true, `${line}\n${text}`)
    }
    assert.equal((await notes({ failurePolicy: 'Fail' })).includes('webhook.failurePolicy=Fail'), false)
  },
)
