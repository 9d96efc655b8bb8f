/** Which writes of exemptions and opt-outs reach the guard by the chart's own conditions. */
import assert from 'node:assert/strict'
import { clusterTests } from '../cluster/cluster-test.ts'
import { startRecorder } from './recorder.ts'
import { helmTest, one, render } from './helm.ts'

const real = clusterTests({ controllerManager: true, needs: ['helm4'] })

const exempt = 'kubectl-canary/exempt'
const objects: Readonly<Record<string, { readonly path: string; readonly body: object }>> = {
  virtualservices: {
    path: '/apis/networking.istio.io/v1',
    body: { spec: { hosts: ['shop'], http: [{ route: [{ destination: { host: 'shop' } }] }] } },
  },
  destinationrules: { path: '/apis/networking.istio.io/v1', body: { spec: { host: 'shop' } } },
  services: { path: '/api/v1', body: { spec: { ports: [{ port: 80 }] } } },
  deployments: {
    path: '/apis/apps/v1',
    body: {
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'shop' } },
        template: {
          metadata: { labels: { app: 'shop' } },
          spec: { containers: [{ name: 'shop', image: 'shop' }] },
        },
      },
    },
  },
}

for (const [resource, { path, body }] of Object.entries(objects)) {
  real(
    `an exemption on ${resource} is sent when it is added, changed or removed, and no other annotation is`,
    async cluster => {
      const namespace = await cluster.namespace()
      const all = `${path}/namespaces/${namespace}/${resource}`
      await cluster.expect(all, { method: 'POST', body: { ...kindOf(resource, path), ...body } })
      await using recorder = await startRecorder(cluster)
      const annotate = (annotations: object, at = ''): Promise<unknown> =>
        cluster.expect(`${all}/shop${at}`, {
          method: 'PATCH',
          contentType: 'application/merge-patch+json',
          body: { metadata: { annotations } },
        })
      const asked = [`UPDATE ${resource} shop`]
      for (const [value, expected] of [
        ['unknown-host: later', asked],
        ['unknown-host: later', []],
        ['unknown-host: for ever', asked],
        [null, asked],
      ] as const) {
        await annotate({ [exempt]: value, note: String(value) })
        // A patch that meets a write of a controller is tried again.
        assert.deepEqual([...new Set(recorder.asked())], expected, String(value))
      }
      // A custom resource without the subresource has none, and with it takes no annotation through it.
      if (path.includes('istio')) return
      await annotate({ [exempt]: 'unknown-host: through the subresource' }, '/status')
      assert.deepEqual([...new Set(recorder.asked())], [`UPDATE ${resource}/status shop`])
    },
  )
}

const kinds: Readonly<Record<string, string>> = {
  virtualservices: 'VirtualService',
  destinationrules: 'DestinationRule',
  services: 'Service',
  deployments: 'Deployment',
}
const kindOf = (resource: string, path: string): object => ({
  apiVersion: path.replace(/^\/apis?\//, ''),
  kind: kinds[resource],
  metadata: { name: 'shop' },
})

real(
  'a namespace that is opted out is sent, by each way that takes labels, and its other labels are not',
  async cluster => {
    await using recorder = await startRecorder(cluster)
    const namespace = await cluster.namespace()
    const label = (labels: object, at = ''): Promise<unknown> =>
      cluster.expect(`/api/v1/namespaces/${namespace}${at}`, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { metadata: { labels } },
      })
    const asked = (resource: string) => [`UPDATE ${resource} ${namespace}`]
    await label({ team: 'shop' })
    assert.deepEqual(recorder.asked(), [])
    await label({ 'kubectl-canary/guard': 'disabled' })
    assert.deepEqual(recorder.asked(), asked('namespaces'))
    await label({ team: 'other' })
    await label({ 'kubectl-canary/guard': null })
    assert.deepEqual(recorder.asked(), [])
    await label({ 'kubectl-canary/guard': 'disabled' }, '/status')
    assert.deepEqual(recorder.asked(), asked('namespaces/status'))
    await label({ 'kubectl-canary/guard': null })
    const object = await cluster.expect(`/api/v1/namespaces/${namespace}`)
    const { metadata } = object as { readonly metadata: { readonly labels: object } }
    await cluster.expect(`/api/v1/namespaces/${namespace}/finalize`, {
      method: 'PUT',
      body: {
        ...(object as object),
        metadata: { ...metadata, labels: { ...metadata.labels, 'kubectl-canary/guard': 'disabled' } },
      },
    })
    assert.deepEqual(recorder.asked(), asked('namespaces/finalize'))
  },
)

helmTest('an alert tells of exemptions that take effect', async () => {
  const rule = one(await render({ prometheusRule: { enabled: true } }), 'PrometheusRule')
  const [{ rules }] = (rule['spec'] as { readonly groups: readonly [{ readonly rules: readonly Alert[] }] })
    .groups
  const { expr } = rules.find(({ alert }) => alert === 'CanaryGuardExemption')!
  assert.equal(
    expr,
    'sum by (rule) (increase(canary_guard_findings_total{effect="exempt",job="guard-canary-guard",namespace="guard-system"}[1h])) > 0',
  )
})

interface Alert {
  readonly alert: string
  readonly expr: string
}
