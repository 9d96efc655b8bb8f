/** An API server's client certificate for webhooks, as Kubernetes documents it, and what a user is told by a guard that knows the API server by it. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from '../../../cluster/cluster.ts'
import { createAuthority, type User } from '../../../cluster/credentials.ts'
import { all, destinationRule, service } from '../manifests.ts'
import { deployment } from '../scene.ts'

export const callers = await createAuthority()
const apiServer: User = { name: 'system:kube-apiserver' }

/** The flag that has an API server present this certificate to webhooks of these hosts. */
export async function presenting({
  host = '*',
  expired = false,
}: { readonly host?: string; readonly expired?: boolean } = {}): Promise<readonly string[]> {
  const { certificate, key } = await callers.client(apiServer, { expired })
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) }
  const kubeconfig = { apiVersion: 'v1', kind: 'Config', users: [{ name: host, user }] }
  const folder = await mkdtemp(join(tmpdir(), 'canary-admission-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const kubeConfigFile = join(folder, 'kubeconfig')
  await writeFile(kubeConfigFile, JSON.stringify(kubeconfig), { mode: 0o600 })
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      {
        name: 'ValidatingAdmissionWebhook',
        configuration: {
          apiVersion: 'apiserver.config.k8s.io/v1',
          kind: 'WebhookAdmissionConfiguration',
          kubeConfigFile,
        },
      },
    ],
  }
  const path = join(folder, 'admission.json')
  await writeFile(path, JSON.stringify(configuration))
  return [`--admission-control-config-file=${path}`]
}

/** What a route to a subset that another namespace does not define is refused with. */
export async function denialOf(cluster: Cluster): Promise<string> {
  const namespace = await cluster.namespace()
  await cluster.apply(all(service, deployment('v1'), destinationRule(['v1'])), { namespace })
  const host = `catalog.${namespace}.svc.cluster.local`
  const route = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog' },
    spec: { hosts: [host], http: [{ route: [{ destination: { host, subset: 'v9' } }] }] },
  }
  const { code, stderr } = await cluster.kubectl(['-n', await cluster.namespace(), 'create', '-f', '-'], {
    stdin: JSON.stringify(route),
  })
  assert.equal(code, 1)
  return stderr.replaceAll(namespace, 'NAMESPACE')
}
