import type { MeasuredService } from '../../shared/metrics/assemble.ts'
import type { ServiceVersion } from '../../shared/routing/service.ts'

/** A version with a subset and a Deployment, as a cluster's reading has it. */
export const versionRead = (
  service: string,
  name: string,
  labels: Readonly<Record<string, string>> = { app: service, version: name },
): ServiceVersion => ({
  name,
  subset: { name, labels: { version: name } },
  workloads: [{ kind: 'Deployment', name: `${service}-${name}`, ready: 1, wanted: 1, labels }],
})

/** A Service of namespace shop with two versions. */
export const measuredService = (
  name: string,
  versions: readonly ServiceVersion[] = ['v1', 'v2'].map(version => versionRead(name, version)),
): MeasuredService => ({
  service: { name, namespace: 'shop', clusterDomain: 'cluster.local' },
  versions,
})
