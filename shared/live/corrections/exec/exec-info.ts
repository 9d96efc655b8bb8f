import type { ExecConfig, KubeCluster } from '../entries.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a credential program is run for. */
export interface ExecSurroundings {
  readonly env: Environment
  /** Whether a person sits at stdin. */
  readonly isInteractive: boolean
  readonly server: string
  readonly cluster: KubeCluster
}

/**
 * The environment of a credential program. Upstream never sets KUBERNETES_EXEC_INFO, by which a program learns
 * the version to print, whether it may ask a person, and which cluster is meant.
 */
export function execEnvironment(exec: ExecConfig, around: ExecSurroundings): Environment {
  const info = {
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion,
    spec: {
      ...(exec.provideClusterInfo && { cluster: clusterInfo(around) }),
      interactive: around.isInteractive,
    },
  }
  return {
    ...around.env,
    ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  }
}

const clusterInfo = ({ server, cluster }: ExecSurroundings): object => ({
  server,
  ...(cluster.tlsServerName && { 'tls-server-name': cluster.tlsServerName }),
  ...(cluster.skipTLSVerify && { 'insecure-skip-tls-verify': true }),
  ...(cluster.caData && { 'certificate-authority-data': cluster.caData }),
  ...(cluster.proxyUrl && { 'proxy-url': cluster.proxyUrl }),
  ...(cluster.execConfig !== undefined && { config: cluster.execConfig }),
})
