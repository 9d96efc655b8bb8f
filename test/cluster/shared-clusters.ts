/**
 * One cluster for several test files, one after the other, where they run in one process: a start costs as much CPU time as a dozen
 * tests. Each file finds it as it was when it had started, with the custom kinds that it asks for and no others.
 */
import { namesIn, servedBy } from './apply/served.ts'
import { until, startCluster, type Cluster } from './cluster.ts'
import type { ClusterOptions } from './control-plane.ts'
import type { CrdSet } from './crds.ts'
import type { Stored } from './store/etcd.ts'

/** The tests that use one cluster at a time. */
export interface ClusterUsers {
  /** How many of them have not ended. */
  waiting: number
}

interface SharedCluster {
  readonly cluster: Cluster
  /** What a cluster holds that has just started, without custom kinds. */
  readonly bare: Stored
  /** What each set of custom kinds that has been there adds to that. */
  readonly added: Map<CrdSet, Stored>
  /** The kinds that it serves without custom ones, as `<plural>.<group>`. */
  readonly builtIn: ReadonlySet<string>
  users: ClusterUsers
}

const byOptions = new Map<string, SharedCluster>()

/** A cluster that looks as if it had just started; it is not stopped here, but with the process. */
export async function clusterFor(options: ClusterOptions, users: ClusterUsers): Promise<Cluster> {
  const { crds = ['istio'], ...others } = options
  const key = JSON.stringify(others)
  const known = byOptions.get(key)
  // Those of the same file may still want it as they have left it.
  if (known !== undefined && known.users.waiting > 0) return startCluster(options)
  if (known !== undefined && (await isRestored(known, crds))) {
    known.users = users
    return known.cluster
  }
  const cluster = await startCluster(options)
  byOptions.set(key, { cluster, ...(await startedWith(cluster, crds, options)), users })
  return cluster
}

async function startedWith(
  cluster: Cluster,
  crds: readonly CrdSet[],
  { controllerManager = false }: ClusterOptions,
): Promise<Pick<SharedCluster, 'bare' | 'added' | 'builtIn'>> {
  if (controllerManager) await untilControlled(cluster)
  const stored = await cluster.stored()
  const wanted = await namesIn(crds)
  const added = new Map<CrdSet, Stored>()
  for (const set of crds) added.set(set, await addedBy(set, stored))
  const isAdded = (key: string) => [...added.values()].some(entries => entries.has(key))
  return {
    bare: new Map([...stored].filter(([key]) => !isAdded(key))),
    added,
    builtIn: (await servedBy(cluster)).difference(wanted),
  }
}

/** One whose API server a test has stopped is no use to anybody. */
async function isRestored(shared: SharedCluster, crds: readonly CrdSet[]): Promise<boolean> {
  const { cluster, bare, added, builtIn } = shared
  try {
    await cluster.restore(
      new Map([bare, ...crds.map(set => added.get(set) ?? [])].flatMap(entries => [...entries])),
    )
    const fresh = crds.filter(set => !added.has(set))
    await Promise.all(fresh.map(set => cluster.addCrds(set)))
    const wanted = builtIn.union(await namesIn(crds))
    await until('these kinds and no others are served', async () => {
      const served = await servedBy(cluster)
      return served.size === wanted.size && served.isSubsetOf(wanted)
    })
    if (fresh.length > 0) {
      const stored = await cluster.stored()
      for (const set of fresh) added.set(set, await addedBy(set, stored))
    }
    return true
  } catch {
    await cluster.stop()
    return false
  }
}

/** What controllers make in every cluster as soon as they run: what is put back must have it. */
async function untilControlled(cluster: Cluster): Promise<void> {
  const everywhere = ['serviceaccounts/default', 'configmaps/kube-root-ca.crt'].flatMap(name =>
    ['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(
      namespace => `/api/v1/namespaces/${namespace}/${name}`,
    ),
  )
  await until('the controllers have made what each namespace has', async () => {
    const answers = await Promise.all(everywhere.map(path => cluster.request(path)))
    return answers.every(({ status }) => status === 200)
  })
}

/** What of a store is there for a set: its definitions, and what the API server registers for each version of a group. */
async function addedBy(set: CrdSet, stored: Stored): Promise<Stored> {
  const names = await namesIn([set])
  const groups = new Set([...names].map(afterPoint))
  const isOfSet = (key: string): boolean => {
    const [kind, name = ''] = Buffer.from(key, 'base64').toString().split('/').slice(-2)
    return kind === 'customresourcedefinitions'
      ? names.has(name)
      : kind === 'apiservices' && groups.has(afterPoint(name))
  }
  return new Map([...stored].filter(([key]) => isOfSet(key)))
}

const afterPoint = (name: string): string => name.slice(name.indexOf('.') + 1)
