/** The chart's policy on a real API server, with no guard. */
import assert from 'node:assert/strict'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Answer } from '../../cluster/apply/asked.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'
import { objectsIn, template, type Values } from '../helm.ts'

const api = '/apis/admissionregistration.k8s.io/v1'
export const policies: Readonly<Record<string, string>> = {
  ValidatingAdmissionPolicy: `${api}/validatingadmissionpolicies`,
  ValidatingAdmissionPolicyBinding: `${api}/validatingadmissionpolicybindings`,
}
export const policyName = 'guard-canary-guard-weights'

/** Has the API server judge by the chart's policy; no guard runs. */
export async function withPolicy(cluster: Cluster, values: Values = {}): Promise<AsyncDisposable> {
  // The schema is held to the guard's configuration by values.test.ts; here, the policy may be ahead of it.
  const { stdout, stderr } = await template('helm4', { ...values, policy: { enabled: true } }, [
    '--skip-schema-validation',
  ])
  const objects = objectsIn(stdout).filter(({ kind }) => policies[kind] !== undefined)
  assert.equal(objects.length, 2, stderr)
  for (const body of objects) await cluster.expect(policies[body.kind]!, { method: 'POST', body })
  const isWarning = JSON.stringify(values).includes('"warn"')
  await until('the policy is in force', async () =>
    isWarning ? await warned(cluster, 'default') : isDenied(await sent(cluster, {}, { after: split(0, 0) })),
  )
  return {
    [Symbol.asyncDispose]: async () => {
      for (const { kind, metadata } of objects)
        await cluster.expect(`${policies[kind]!}/${metadata.name}`, { method: 'DELETE' })
      await until(
        'the policy is gone',
        async () => (await sent(cluster, {}, { after: split(0, 0) })).status < 300,
      )
    },
  }
}

export type Spec = Readonly<Record<string, unknown>>
export interface SpecChange {
  readonly before?: Spec
  readonly after: Spec
}

export const destination = (host: string, weight?: number, more: object = {}): object => ({
  destination: { host, ...more },
  ...(weight === undefined ? {} : { weight }),
})
export const http = (...routes: readonly (readonly object[])[]): Spec => ({
  hosts: ['x'],
  http: routes.map(route => ({ route })),
})
export const split = (a: number | undefined, b: number | undefined): Spec =>
  http([destination('a', a), destination('b', b)])
export const tcp = (route: readonly object[]): Spec => ({ hosts: ['x'], tcp: [{ route }] })
export const tls = (route: readonly object[]): Spec => ({
  hosts: ['x.example'],
  tls: [{ match: [{ port: 443, sniHosts: ['x.example'] }], route }],
})

export const exempted = { 'kubectl-canary/exempt': 'weights-sum-to-100: for the test' }

export const objectOf = (spec: Spec, metadata: object = {}, version = 'v1'): KubeObject =>
  ({
    apiVersion: `networking.istio.io/${version}`,
    kind: 'VirtualService',
    metadata: { name: 'probe', ...metadata },
    spec,
  }) as KubeObject

export const pathIn = (namespace: string, version = 'v1'): string =>
  `/apis/networking.istio.io/${version}/namespaces/${namespace}/virtualservices`

interface SendOptions {
  readonly namespace?: string
  readonly metadata?: object
  readonly version?: string
}

/** Dry-runs a change of a VirtualService; what is there before is exempt, so that anything can be. */
export async function sent(
  cluster: Cluster,
  options: SendOptions,
  { before, after }: SpecChange,
): Promise<Answer> {
  const { namespace = 'default', metadata = {}, version = 'v1' } = options
  const path = pathIn(namespace, version)
  const body = objectOf(after, metadata, version)
  if (before === undefined) return cluster.request(`${path}?dryRun=All`, { method: 'POST', body })
  await cluster.expect(path, { method: 'POST', body: objectOf(before, { annotations: exempted }, version) })
  try {
    const { metadata: stored } = (await cluster.expect(`${path}/probe`)) as KubeObject
    const { resourceVersion } = stored
    return await cluster.request(`${path}/probe?dryRun=All`, {
      method: 'PUT',
      body: { ...body, metadata: { ...body.metadata, resourceVersion } },
    })
  } finally {
    await cluster.expect(`${path}/probe`, { method: 'DELETE' })
  }
}

/** Whether the policy has refused it; anything else that is not a success is thrown. */
export function isDenied({ status, body }: Answer): boolean {
  const { message = '' } = body as { readonly message?: string }
  if (status < 300) return false
  if (
    status === 403
    && message.includes(`ValidatingAdmissionPolicy '${policyName}'`)
    && message.includes('[weights-sum-to-100]')
  )
    return true
  throw new Error(`${status} ${message}`)
}

export async function warned(cluster: Cluster, namespace: string): Promise<boolean> {
  const { code, stderr } = await cluster.kubectl(['-n', namespace, 'create', '--dry-run=server', '-f', '-'], {
    stdin: JSON.stringify(objectOf(split(90, 20))),
  })
  assert.equal(code, 0, stderr)
  return /^Warning: .*\[weights-sum-to-100\] the weights 90 \+ 20 of a route add up to 110/m.test(stderr)
}
