/** What etcd, kube-apiserver and kube-controller-manager are started with. */
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { CrdSet } from './crds.ts'
import { createAuthority, newSigningKey, newToken, type Authority, type User } from './credentials.ts'
import { Processes } from './processes.ts'

/** What a cluster starts with; without options: RBAC, Istio's kinds, no controllers. */
export interface ClusterOptions {
  readonly crds?: readonly CrdSet[]
  /** Also runs kube-controller-manager: garbage collection, namespace deletion, Deployments to ReplicaSets to pods. */
  readonly controllerManager?: boolean
  /** Flags after our own, so that they win. */
  readonly apiServerFlags?: readonly string[]
  /** The same of the controller manager's. */
  readonly controllerManagerFlags?: readonly string[]
  /** Lets a webhook's Service reference reach endpoints, as there is no kube-proxy. */
  readonly aggregatorRouting?: boolean
  /** Users with a static token each, in `tokens` by name; there is always `admin`, who may do everything. */
  readonly users?: readonly User[]
  /** The API server's port; a free one if not given. */
  readonly port?: number
  /** More addresses and names for the serving certificate. */
  readonly serverNames?: readonly string[]
}

/** The files, port and credentials of a cluster that has not started yet. */
export interface ControlPlane {
  readonly processes: Processes
  readonly options: ClusterOptions
  readonly port: number
  readonly authority: Authority
  /** The static tokens by user name. */
  readonly tokens: ReadonlyMap<string, string>
}

/** The address that everything listens on. */
export const loopback = '127.0.0.1'

const admin: User = { name: 'admin', groups: ['system:masters'] }

/** Writes the files that the API server reads at its start into a new temporary folder. */
export async function prepareControlPlane(options: ClusterOptions): Promise<ControlPlane> {
  const processes = await Processes.create()
  const authority = await createAuthority()
  const users = [admin, ...(options.users ?? [])]
  const tokens = new Map(users.map(({ name }) => [name, newToken()]))
  const server = await authority.server([
    loopback,
    'localhost',
    'kubernetes.default.svc',
    ...(options.serverNames ?? []),
  ])
  const files = {
    'ca.crt': authority.certificate,
    'server.crt': server.certificate,
    'server.key': server.key,
    'service-accounts.key': newSigningKey(),
    'tokens.csv': users
      .map(({ name, groups = [] }) => `${tokens.get(name)},${name},${name},"${groups.join(',')}"\n`)
      .join(''),
  }
  await Promise.all(
    Object.entries(files).map(([name, text]) =>
      writeFile(join(processes.folder, name), text, { mode: 0o600 }),
    ),
  )
  return {
    processes,
    options,
    port: options.port ?? (await freePort()),
    authority,
    tokens,
  }
}

/** A socket in the folder instead of a port: nobody else can take or reach it. The paths in flags are relative, as a socket's may have 100 bytes only. */
export const etcdSocket = 'etcd.sock'
const etcdUrl = `unix://${etcdSocket}`

// Peers never call, as there are none, but etcd wants to be told an address of this form.
const nobody = 'http://127.0.0.1:2380'

/** etcd keeps everything in the cluster's folder and never waits for the disk: what is lost in a crash of the machine is no loss. */
export const etcdFlags: readonly string[] = [
  '--data-dir=etcd',
  '--unsafe-no-fsync',
  '--log-level=warn',
  `--listen-client-urls=${etcdUrl}`,
  '--listen-peer-urls=unix://peer.sock',
  `--advertise-client-urls=${nobody}`,
  `--initial-advertise-peer-urls=${nobody}`,
  `--initial-cluster=default=${nobody}`,
]

/** kube-apiserver as clusters run it: RBAC, all default admission plugins, priority and fairness. */
export function apiServerFlags({ options, port }: ControlPlane): readonly string[] {
  // That plugin refuses every pod until a controller has made the namespace's default service account.
  const withoutControllers = options.controllerManager ? [] : ['--disable-admission-plugins=ServiceAccount']
  return [
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${loopback}`,
    `--advertise-address=${loopback}`,
    `--secure-port=${port}`,
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    '--authorization-mode=RBAC',
    '--tls-cert-file=server.crt',
    '--tls-private-key-file=server.key',
    '--client-ca-file=ca.crt',
    '--token-auth-file=tokens.csv',
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-account-key-file=service-accounts.key',
    '--service-account-signing-key-file=service-accounts.key',
    '--profiling=false',
    ...withoutControllers,
    ...(options.aggregatorRouting ? ['--enable-aggregator-routing=true'] : []),
    ...(options.apiServerFlags ?? []),
  ]
}

/** All default controllers; with a rate limit high enough that emptying a namespace takes no time of note. */
export const controllerManagerFlags = ({ options }: ControlPlane): readonly string[] => [
  '--kubeconfig=admin.kubeconfig',
  '--leader-elect=false',
  '--secure-port=0',
  '--root-ca-file=ca.crt',
  '--kube-api-qps=300',
  '--kube-api-burst=600',
  '--service-account-private-key-file=service-accounts.key',
  ...(options.controllerManagerFlags ?? []),
]

/** A port of the loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, loopback, resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}
