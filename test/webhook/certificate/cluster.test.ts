import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { parse } from 'yaml'
import { connect } from '../../../shared/live/connection/connect.ts'
import { systemTimers, type Timers } from '../../../shared/live/watch/stream/timers.ts'
import { issueLeaf } from '../../../webhook/certificate/authority.ts'
import { fieldManager } from '../../../webhook/certificate/cluster-access.ts'
import { webhookNames } from '../../../webhook/certificate/webhook-configuration.ts'
import { rotatedKeyPair } from '../../../webhook/certificate/rotated-key-pair.ts'
import type { KeyPair } from '../../../webhook/certificate/key-pair.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'

const real = clusterTests({ crds: [] })
const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const secrets = '/api/v1/namespaces/default/secrets'

/** Time at twenty times its speed. */
const hurried: Timers = { ...systemTimers, after: (ms, callback) => systemTimers.after(ms / 20, callback) }

interface PublishedWebhook {
  readonly clientConfig: { readonly caBundle?: string }
}
interface Configuration {
  readonly metadata: {
    readonly resourceVersion: string
    readonly managedFields: readonly { readonly manager: string; readonly fieldsV1: object }[]
  }
  readonly webhooks: readonly [PublishedWebhook, PublishedWebhook, PublishedWebhook]
}

/** A server on a free port of the loopback that allows every review. */
async function allowingServer(): Promise<Server> {
  const server = createServer((request, response) => {
    void json(request).then(body => {
      const { uid } = (body as { readonly request: { readonly uid: string } }).request
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid, allowed: true },
        }),
      )
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Has the API server ask the webhook about each new ConfigMap. */
const configure = (cluster: Cluster, server: Server) =>
  cluster.expect(configurations, {
    method: 'POST',
    body: {
      metadata: { name: 'rotated' },
      webhooks: webhookNames.map(name => ({
        name,
        clientConfig: { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/validate` },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        failurePolicy: 'Fail',
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
      })),
    },
  })

const addSecret = (cluster: Cluster) =>
  cluster.expect(secrets, { method: 'POST', body: { metadata: { name: 'rotated', labels: { ours: 'no' } } } })

/** The rotator's key pairs for a webhook on the loopback. */
async function rotatedPairs(cluster: Cluster, timers: Timers) {
  const connection = await connect({ kubeconfig: cluster.kubeconfig }, { env: {}, parseYaml: parse })
  const source = rotatedKeyPair({
    connection,
    timers,
    secretRef: { namespace: 'default', name: 'rotated' },
    webhookConfigurationName: 'rotated',
    dnsNames: [],
    ipAddresses: ['127.0.0.1'],
    onProblem: () => {},
  })
  const close = async (): Promise<void> => {
    await source.close()
    connection.close()
  }
  return { start: source.start.bind(source), close }
}

/** A webhook that allows everything, with certificates of the rotator's; without it nothing can be written to ConfigMaps. */
async function started(cluster: Cluster, timers = hurried) {
  const server = await allowingServer()
  await addSecret(cluster)
  await configure(cluster, server)
  const pairs = await rotatedPairs(cluster, timers)
  const served: KeyPair[] = []
  pairs.start(pair => {
    served.push(pair)
    server.setSecureContext({ cert: pair.certificate, key: pair.key })
  })
  const write = () =>
    cluster.request('/api/v1/namespaces/default/configmaps?dryRun=All', {
      method: 'POST',
      body: { metadata: { generateName: 'x-' } },
    })
  const read = () => cluster.expect(`${configurations}/rotated`) as Promise<Configuration>
  // Before the API server knows of the configuration, everything is let in.
  await until('the webhook is to be trusted', async () =>
    (await read()).webhooks.every(({ clientConfig }) => clientConfig.caBundle !== undefined),
  )
  await until('the API server trusts the webhook', async () => (await write()).status === 201)
  const close = async (): Promise<void> => {
    await pairs.close()
    server.closeAllConnections()
    server.close()
    await cluster.request(`${configurations}/rotated`, { method: 'DELETE' })
    await cluster.request(`${secrets}/rotated`, { method: 'DELETE' })
  }
  return { served, write, read, configure: () => configure(cluster, server), [Symbol.asyncDispose]: close }
}

real(
  'keeps nothing of the configuration but the caBundle, and changes nothing when nothing has changed',
  async cluster => {
    await using it = await started(cluster)
    const { metadata, webhooks } = await it.read()
    const { fieldsV1 } = metadata.managedFields.find(({ manager }) => manager === fieldManager)!
    const owned = Object.fromEntries(
      webhookNames.map(name => [
        `k:{"name":"${name}"}`,
        { '.': {}, 'f:clientConfig': { 'f:caBundle': {} }, 'f:name': {} },
      ]),
    )
    assert.deepEqual(fieldsV1, { 'f:webhooks': owned })
    assert.equal(new Set(webhooks.map(({ clientConfig }) => clientConfig.caBundle)).size, 1)
    await new Promise(resolve => setTimeout(resolve, 2000))
    assert.equal((await it.read()).metadata.resourceVersion, metadata.resourceVersion)
    assert.deepEqual(
      ((await cluster.expect(`${secrets}/rotated`)) as { readonly metadata: { readonly labels: object } })
        .metadata.labels,
      { ours: 'no' },
    )
  },
)

const faults: Readonly<Record<string, (cluster: Cluster) => Promise<unknown>>> = {
  emptied: cluster =>
    cluster.expect(`${secrets}/rotated`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { data: null },
    }),
  'filled with garbage': cluster =>
    cluster.expect(`${secrets}/rotated`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { data: { 'tls.crt': 'Z2FyYmFnZQ==', 'ca.crt': 'Z2FyYmFnZQ==' } },
    }),
  'left with a certificate that has expired': async cluster => {
    const { data } = (await cluster.expect(`${secrets}/rotated`)) as {
      readonly data: Readonly<Record<'ca.crt' | 'ca.key', string>>
    }
    const text = (key: 'ca.crt' | 'ca.key'): string => Buffer.from(data[key], 'base64').toString()
    const hour = 3_600_000
    const { certificate, key } = await issueLeaf(
      { certificate: text('ca.crt'), key: text('ca.key') },
      { dnsNames: [], ipAddresses: ['127.0.0.1'] },
      { from: Date.now() - 2 * hour, until: Date.now() - hour },
    )
    const expired = Object.fromEntries(
      Object.entries({ 'tls.crt': certificate, 'tls.key': key }).map(([name, pem]) => [
        name,
        Buffer.from(pem).toString('base64'),
      ]),
    )
    await cluster.expect(`${secrets}/rotated`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { data: expired },
    })
  },
  'deleted and made anew': async cluster => {
    await cluster.expect(`${secrets}/rotated`, { method: 'DELETE' })
    await addSecret(cluster)
  },
}
for (const [what, fault] of Object.entries(faults)) {
  real(`certificates are rotated without one failed write when the Secret is ${what}`, async cluster => {
    await using it = await started(cluster)
    const { length } = it.served
    await fault(cluster)
    const failures: unknown[] = []
    let writesAfter = 0
    await until('the new certificate has served a while', async () => {
      // The API server calls over new connections, and so with new handshakes, when the caBundle has changed.
      const answers = await Promise.all([it.write(), it.write()])
      failures.push(...answers.filter(({ status }) => status !== 201))
      return it.served.length > length && ++writesAfter > 10
    })
    assert.deepEqual(failures, [])
  })
}

// Waits are for ever, so that nothing but the watch can bring the next look about.
const stopped: Timers = { ...systemTimers, after: () => () => {} }

real(
  'a configuration that was deleted and installed again is trusted again, without waiting for the next look',
  async cluster => {
    await using it = await started(cluster, stopped)
    await cluster.expect(`${configurations}/rotated`, { method: 'DELETE' })
    await it.configure()
    await until('writes pass again', async () => (await it.write()).status === 201)
    assert.notEqual((await it.read()).webhooks[0].clientConfig.caBundle, undefined)
  },
)

real(
  'a configuration whose caBundle was taken away has it back, without waiting for the next look',
  async cluster => {
    await using it = await started(cluster, stopped)
    const {
      metadata: { resourceVersion },
      webhooks,
    } = await it.read()
    const bare = webhooks.map(webhook => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, caBundle: undefined },
    }))
    await cluster.expect(`${configurations}/rotated`, {
      method: 'PUT',
      body: { metadata: { name: 'rotated', resourceVersion }, webhooks: bare },
    })
    await until('writes pass again', async () => (await it.write()).status === 201)
  },
)
