/** A guard in front of a test cluster's API server, over the loopback. */
import { pino } from 'pino'
import { parse } from 'yaml'
import { connect } from '../../../shared/live/connection/connect.ts'
import type { AnyRule } from '../../../shared/rules/rule.ts'
import { defaultConfig, type GuardConfig } from '../../../webhook/config/config.ts'
import { createMetrics } from '../../../webhook/observe/metrics.ts'
import { requesterOf } from '../../../webhook/run/requester.ts'
import { startGuard, type Guard } from '../../../webhook/run/start-guard.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'
import { createAuthority } from '../../cluster/credentials.ts'
import { plantedRules } from '../planted-rules.ts'

export type Line = Readonly<Record<string, unknown>>

export interface Guarded extends AsyncDisposable {
  readonly guard: Guard
  /** What the guard logged, newest last. */
  readonly lines: readonly Line[]
  /** The decisions on an object, newest last. */
  decisions(name: string): readonly Line[]
}

export interface GuardedOptions {
  readonly rules?: readonly AnyRule[]
  readonly config?: Partial<GuardConfig>
}

/** Starts a guard in this process and has the API server ask it about everything that it judges. */
export async function guarded(cluster: Cluster, { rules = plantedRules, config = {} }: GuardedOptions = {}): Promise<Guarded> {
  const lines: Line[] = []
  const authority = await createAuthority()
  const keyPair = await authority.server(['127.0.0.1'])
  const connection = await connect({ kubeconfig: cluster.kubeconfig }, { env: {}, parseYaml: parse })
  const guard = await startGuard({
    host: '127.0.0.1', port: 0, probePort: 0, drainMs: 0, rules, requester: requesterOf(connection), metrics: createMetrics(),
    config: { current: { ...defaultConfig, ...config }, isValid: true, close: () => undefined },
    keyPairs: { start: onKeyPair => onKeyPair(keyPair), close: async () => undefined },
    log: pino({ base: null, level: 'debug' }, { write: text => void lines.push(JSON.parse(text) as Line) }),
  })
  await guard.cache.watch.synced
  await configure(cluster, { url: `https://127.0.0.1:${await guard.port}`, authority: authority.certificate })
  return {
    guard, lines,
    decisions: name => lines.filter(line => line['uid'] !== undefined && line['name'] === name),
    [Symbol.asyncDispose]: async () => {
      await unconfigure(cluster)
      await guard.stop()
      connection.close()
    },
  }
}

const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'

/** Has the API server ask a guard at a URL, and waits until it does. */
export async function configure(cluster: Cluster, { url, authority }: { readonly url: string, readonly authority: string }): Promise<void> {
  const operations = ['CREATE', 'UPDATE', 'DELETE']
  const rule = (apiGroup: string, resources: readonly string[]): object => ({ operations, apiGroups: [apiGroup], apiVersions: ['v1'], resources, scope: 'Namespaced' })
  await cluster.expect(path, {
    method: 'POST',
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'canary-guard' },
      webhooks: [{
        name: 'routes.canary-guard.test', clientConfig: { url: `${url}/validate`, caBundle: Buffer.from(authority).toString('base64') },
        rules: [rule('networking.istio.io', ['virtualservices', 'destinationrules']), rule('', ['services']), rule('apps', ['deployments', 'statefulsets', 'daemonsets'])],
        namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }] },
        matchPolicy: 'Equivalent', sideEffects: 'None', failurePolicy: 'Fail', timeoutSeconds: 5, admissionReviewVersions: ['v1'],
      }],
    },
  })
  const broken = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'probe', namespace: 'default' }, spec: { hosts: ['x'], http: [{ route: [{ destination: { host: 'a' }, weight: 1 }, { destination: { host: 'b' }, weight: 1 }] }] } }
  await until('the API server asks the guard', async () => {
    const { status } = await cluster.request('/apis/networking.istio.io/v1/namespaces/default/virtualservices?dryRun=All', { method: 'POST', body: broken })
    return status === 403
  })
}

export async function unconfigure(cluster: Cluster): Promise<void> {
  await cluster.request(`${path}/canary-guard`, { method: 'DELETE' })
}
