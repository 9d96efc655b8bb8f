import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'
import { createAuthority } from '../../cluster/credentials.ts'
import { Release } from './release.ts'

const real = clusterTests({
  controllerManager: true,
  crds: ['istio', 'cert-manager'],
  needs: ['helm3', 'helm4'],
})
const failing = ['webhook.failurePolicy=Fail']

/** A sound write that is made at once, and how long it took to get through. */
async function firstWrite(release: Release): Promise<{ readonly status: number; readonly ms: number }> {
  const begun = Date.now()
  const { status } = await release.write(100)
  await until('writes get through', async () => (await release.write(100)).status === 201)
  return { status, ms: Date.now() - begun }
}

real(
  'with failurePolicy Fail, writes get through as soon as the pods are ready: after an install, and after an uninstall and another',
  async (cluster, context) => {
    await using release = await Release.prepare(cluster)
    await release.install('helm4', failing)
    const first = await firstWrite(release)
    await release.helm('helm4', ['uninstall', release.name, '--wait'])
    assert.equal((await release.write(110)).status, 201)
    await release.install('helm3', failing)
    const second = await firstWrite(release)
    context.diagnostic(JSON.stringify([first, second]))
    assert.deepEqual([first.status, second.status], [201, 201])
    await release.refuses()

    // The Secret and all pods, which could remember what was in it: helm upgrade brings back an empty one.
    // It waits until the pods have gone, so that only new ones can refuse.
    await cluster.kubectl(['-n', release.namespace, 'delete', 'secret', `${release.name}-certificate`])
    await cluster.kubectl(['-n', release.namespace, 'delete', 'pods', '--all'])
    const begun = Date.now()
    await release.helm('helm3', ['upgrade', release.name, 'charts/canary-guard', '--reuse-values'])
    await release.refuses()
    assert.equal((await release.write(100)).status, 201)
    context.diagnostic(`${Date.now() - begun} ms after the Secret and all pods were lost`)
  },
)

real(
  'a configuration that was deleted in an emergency is brought back by helm upgrade, and trusted at once',
  async (cluster, context) => {
    await using release = await Release.prepare(cluster)
    await release.install('helm4', failing)
    await release.refuses()
    await cluster.kubectl(['delete', 'validatingwebhookconfiguration', release.name])
    assert.equal((await release.write(110)).status, 201)
    await release.helm('helm4', ['upgrade', release.name, 'charts/canary-guard', '--reuse-values'])
    const { ms } = await firstWrite(release)
    context.diagnostic(`trusted after ${ms} ms`)
    await release.refuses()
  },
)

interface CertificateObject {
  readonly spec: {
    readonly secretName: string
    readonly dnsNames: readonly string[]
    readonly ipAddresses?: readonly string[]
  }
}

/** What cert-manager does for the chart: the Secret that the Certificate asks for, and its authority where the annotation says. */
async function playCertManager(cluster: Cluster, release: Release): Promise<void> {
  const path = `/apis/cert-manager.io/v1/namespaces/${release.namespace}/certificates/${release.name}`
  await until('there is a Certificate', async () => (await cluster.request(path)).status === 200)
  const {
    spec: { secretName, dnsNames, ipAddresses = [] },
  } = (await cluster.expect(path)) as CertificateObject
  const authority = await createAuthority()
  const { certificate, key } = await authority.server([...dnsNames, ...ipAddresses])
  await cluster.expect(`/api/v1/namespaces/${release.namespace}/secrets`, {
    method: 'POST',
    body: {
      metadata: { name: secretName },
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': authority.certificate },
    },
  })
  const configuration = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${release.name}`
  await until('there is a configuration', async () => (await cluster.request(configuration)).status === 200)
  const {
    metadata: { annotations },
  } = (await cluster.expect(configuration)) as {
    readonly metadata: { readonly annotations: Readonly<Record<string, string>> }
  }
  assert.equal(annotations['cert-manager.io/inject-ca-from'], `${release.namespace}/${release.name}`)
  const caBundle = Buffer.from(authority.certificate).toString('base64')
  const body = [0, 1, 2].map(i => ({
    op: 'add',
    path: `/webhooks/${i}/clientConfig/caBundle`,
    value: caBundle,
  }))
  await cluster.expect(configuration, { method: 'PATCH', contentType: 'application/json-patch+json', body })
}

real(
  'with cert-manager, the pods start with the Secret that it makes, and helm upgrade leaves its authority alone',
  async cluster => {
    await using release = await Release.prepare(cluster)
    await Promise.all([
      release.install('helm4', ['certificate.mode=certManager', ...failing]),
      playCertManager(cluster, release),
    ])
    await release.refuses()
    const trusted = (await release.webhooks())!.map(({ clientConfig }) => clientConfig)
    await release.helm('helm4', [
      'upgrade',
      release.name,
      'charts/canary-guard',
      '--reuse-values',
      '--set',
      'config.onError=deny',
    ])
    assert.deepEqual(
      (await release.webhooks())!.map(({ clientConfig }) => clientConfig),
      trusted,
    )
    await until(
      'both pods have the new configuration from its mount',
      async () => release.node.log().split('configuration loaded').length === 3,
    )
    assert.equal((await release.write(100)).status, 201)
  },
)
