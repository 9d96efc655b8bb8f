import assert from 'node:assert/strict'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { words } from '../run-command.ts'
import { catalogWorld } from './catalog-world.ts'

const real = clusterTests()
const main = join(import.meta.dirname, '../../../plugin/main.ts')

/** More rounds by hand: `ROUNDS=200 node --test test/plugin/history/two-processes.test.ts`. */
const rounds = Number(process.env['ROUNDS'] ?? 10)

/** Runs a command in a process of its own. */
async function inProcess(line: string): Promise<{ readonly code: number; readonly stderr: string }> {
  const child = spawn(process.execPath, [main, ...words(line)], { stdio: ['ignore', 'ignore', 'pipe'] })
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  return { code: code as number, stderr }
}

real(
  'two processes that edit one service at once both come to an end, and no change of either is lost',
  async cluster => {
    const world = await catalogWorld(cluster)
    const where = `-n ${world.namespace} --kubeconfig ${cluster.kubeconfig} --history-limit 9999`
    for (let round = 1; round <= rounds; round++) {
      const both = await Promise.all(
        [`cohort a${round} catalog --to v2 ${where}`, `cohort b${round} catalog --to v2 ${where}`].map(
          inProcess,
        ),
      )
      assert.deepEqual(
        both.map(({ code }) => code),
        [0, 0],
        `round ${round}: ${both.map(({ stderr }) => stderr).join('\n')}`,
      )
      // Few cohorts at a time, so that a round stays as short as the first.
      const [kept, removed] = await Promise.all([
        inProcess(`weight catalog v2=${(round % 50) + 1} ${where}`),
        inProcess(`cohort a${round} catalog --remove ${where}`),
      ])
      assert.deepEqual([kept.code, removed.code], [0, 0], `${kept.stderr}\n${removed.stderr}`)
      const { stdout } = await world.does('cohorts -o json')
      const names = [...stdout.matchAll(/"name": "([ab]\d+)"/g)].map(([, name]) => name)
      assert.deepEqual([...new Set(names)], [`b${round}`], `round ${round}`)
      assert.match(
        (await world.does('status catalog')).stdout,
        new RegExp(`v2 ${(round % 50) + 1} %`),
        `round ${round}`,
      )
      await world.does(`cohort b${round} catalog --remove --history-limit 9999`)
    }
    const revisions = (await world.records()).map(record => Reflect.get(record, 'revision') as number)
    assert.deepEqual(
      revisions.toSorted((a, b) => a - b),
      Array.from({ length: 5 * rounds }, (_, i) => i + 1),
    )
  },
)
