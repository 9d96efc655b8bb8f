import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../../plugin/open-store.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { catalogWorld } from '../history/catalog-world.ts'
import { statusInWords } from '../print/status-in-words.ts'
import { Built } from '../program/built.ts'
import { runCommand, words } from '../run-command.ts'
import { fastClock } from './fast-clock.ts'
import { judgeServer } from './judge-server.ts'

const real = clusterTests()
const built = await Built.make()
after(() => built.remove())

/** After how many events a run is killed, how many milliseconds later, and how its checks end. */
interface Killing {
  readonly events: number
  readonly later: number
  readonly passes: boolean
}

/** Started, two stages, a check each, and in the middle of the edits that follow. */
const killings: readonly Killing[] = [1, 2, 3, 4].flatMap(events =>
  [0, 150].map(later => ({ events, later, passes: (events + later) % 4 !== 3 })),
)

async function killedRun(cluster: Cluster, { events, later, passes }: Killing): Promise<void> {
  const world = await catalogWorld(cluster)
  const judge = await judgeServer(() => (passes ? 200 : 500))
  const folder = await mkdtemp(join(tmpdir(), 'canary-killed-'))
  const file = join(folder, 'plan.json')
  const metrics = [{ name: 'smoke', webhook: judge.url }]
  await writeFile(file, JSON.stringify({ steps: [10, 50], interval: '1s', threshold: 4, metrics }))
  const child = built.start('kubectl-canary', [
    ...words(`run catalog v2 -n ${world.namespace} -o json --settle 100ms --plan ${file}`),
    '--kubeconfig',
    cluster.kubeconfig,
  ])
  const closed = once(child, 'close')
  const stderr = text(child.stderr!)
  let seen = 0
  for await (const line of createInterface(child.stdout!)) if (line !== '' && ++seen === events) break
  await sleep(later)
  child.kill('SIGKILL')
  await closed
  const resumed = await runCommand(
    [...words('run catalog --resume'), '-n', world.namespace, '--kubeconfig', cluster.kubeconfig],
    { store: openStore, clock: fastClock() },
  )
  judge.close()
  await rm(folder, { recursive: true, force: true })
  const about = JSON.stringify({ events, later, passes, seen, killed: await stderr, ...resumed })
  assert.equal(resumed.code, passes ? 0 : 5, about)
  const { stdout } = await world.does('status catalog')
  assert.match(statusInWords(stdout), passes ? /everyone → v2/ : /everyone → v1/, about)
  assert.equal((await world.does('history catalog')).stdout.includes('not finished'), false, about)
}

real('a run that is killed at any moment goes on where it stood, from another process', async cluster => {
  await Promise.all(killings.map(killing => killedRun(cluster, killing)))
})
