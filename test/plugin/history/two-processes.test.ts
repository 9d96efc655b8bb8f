import assert from 'node:assert/strict'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { pluginProgram } from '../../build/built-programs.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { words } from '../run-command.ts'
import { catalogWorld } from './catalog-world.ts'

const real = clusterTests()

/** More rounds by hand: `ROUNDS=200 node --test test/plugin/history/two-processes.test.ts`. */
const rounds = Number(process.env['ROUNDS'] ?? 20)

/** Runs a command in a process of its own, whose code is kept in a folder. */
async function inProcess(
  line: string,
  folder: string,
): Promise<{ readonly code: number; readonly stderr: string }> {
  const child = spawn(process.execPath, [pluginProgram, ...words(line)], {
    env: { ...process.env, XDG_CACHE_HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  return { code: code as number, stderr }
}

real(
  'two processes that edit one service at once both come to an end, and no change of either is lost',
  async cluster => {
    const world = await catalogWorld(cluster)
    const where = `-n ${world.namespace} --kubeconfig ${cluster.kubeconfig} --history-limit 9999`
    for (let round = 1; round <= rounds; round++) {
      const share = (round % 50) + 1
      const isThere = round % 2 === 1
      const both = await Promise.all(
        [
          `weight catalog v2=${share} ${where}`,
          `cohort staff catalog ${isThere ? '--to v2' : '--remove'} ${where}`,
        ].map(line => inProcess(line, cluster.folder)),
      )
      const about = `round ${round}: ${both.map(({ stderr }) => stderr).join('\n')}`
      assert.deepEqual(
        both.map(({ code }) => code),
        [0, 0],
        about,
      )
      for (const name of ['catalog', 'catalog-public']) {
        const { spec } = (await cluster.expect(world.path('virtualservices', name))) as VirtualService
        const routes = spec.http ?? []
        const weights = routes.at(-1)?.route?.map(({ weight }) => weight)
        assert.deepEqual([routes.length, weights], [isThere ? 2 : 1, [100 - share, share]], about)
      }
    }
    const revisions = (await world.records()).map(record => Reflect.get(record, 'revision') as number)
    assert.deepEqual(
      revisions.toSorted((a, b) => a - b),
      Array.from({ length: 2 * rounds }, (_, i) => i + 1),
    )
  },
)
