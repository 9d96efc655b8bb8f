import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../../plugin/open-store.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { catalogWorld, type CatalogWorld } from '../history/catalog-world.ts'
import { statusInWords } from '../print/status-in-words.ts'
import { runCommand, words, type Ended, type World } from '../run-command.ts'
import { fastClock } from './fast-clock.ts'
import { judgeServer, type JudgeServer } from './judge-server.ts'

/** A catalog, a judge of its versions, and a plan by it: 10 % and 50 %, a check every 45 s. */
export interface Rehearsal {
  readonly world: CatalogWorld
  readonly judge: JudgeServer
  readonly folder: string
  readonly run: (line: string, clock?: World['clock']) => Promise<Ended>
  readonly shares: () => Promise<string>
}

export async function rehearsed(
  cluster: Cluster,
  {
    statusOf,
    plan = {},
  }: { readonly statusOf?: (path: string, before: number) => number; readonly plan?: object },
  play: (rehearsal: Rehearsal) => Promise<void>,
): Promise<void> {
  const world = await catalogWorld(cluster)
  const judge = await judgeServer(statusOf)
  const folder = await mkdtemp(join(tmpdir(), 'canary-run-'))
  const file = join(folder, 'plan.json')
  const written = {
    steps: [10, 50],
    interval: '45s',
    threshold: 3,
    metrics: [{ name: 'smoke', webhook: `${judge.url}/judge` }],
    ...plan,
  }
  await writeFile(file, JSON.stringify(written).replaceAll('JUDGE', judge.url))
  const run = (line: string, clock = fastClock()): Promise<Ended> =>
    runCommand(
      [
        ...words(line.replace('PLAN', `--plan ${file}`)),
        '-n',
        world.namespace,
        '--kubeconfig',
        cluster.kubeconfig,
      ],
      { store: openStore, clock },
    )
  try {
    await play({
      world,
      judge,
      folder,
      run,
      shares: async () =>
        /everyone → .*/
          .exec(statusInWords((await world.does('status catalog')).stdout))?.[0]
          .replace(/ 100 %$/, '') ?? '',
    })
  } finally {
    judge.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The events of `-o json`. */
export const eventsOf = ({ stdout }: Ended) =>
  stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Readonly<Record<string, unknown>>)

/** The Events of runs on the catalog, oldest first: `Warning CanaryRunRolledBack: catalog: v2 …`, without the id. */
export async function runEventsIn(cluster: Cluster, namespace: string): Promise<readonly string[]> {
  const { items } = (await cluster.expect(`/api/v1/namespaces/${namespace}/events`)) as {
    readonly items: readonly {
      readonly type: string
      readonly reason: string
      readonly message: string
      readonly lastTimestamp: string
      readonly involvedObject: { readonly name: string }
    }[]
  }
  return items
    .filter(
      ({ reason, involvedObject }) => reason.startsWith('CanaryRun') && involvedObject.name === 'catalog',
    )
    .toSorted((one, other) => (one.lastTimestamp < other.lastTimestamp ? -1 : 1))
    .map(({ type, reason, message }) => `${type} ${reason}: ${message.replace(/ \(run [0-9a-f]{8}\)$/, '')}`)
}
