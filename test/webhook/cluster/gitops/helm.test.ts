import assert from 'node:assert/strict'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import type { Cluster, Outcome } from '../../../cluster/cluster.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { guarded } from '../guarded.ts'
import { assertHolds } from './holds.ts'
import { canary, faults, transitions, type Release } from './releases.ts'

const helms = ['helm3', 'helm4'] as const
const real = clusterTests({ needs: helms })

/** What makes an upgrade that fails go back by itself; Helm 4 would wait for pods otherwise. */
const atomic = {
  helm3: ['--atomic', '--timeout=1m'],
  helm4: ['--rollback-on-failure', '--wait=hookOnly', '--timeout=1m'],
}

/** A chart that renders to the objects of a release, in the cluster's folder. */
async function chartOf(cluster: Cluster, release: Release): Promise<string> {
  const folder = await mkdtemp(join(cluster.folder, 'chart-'))
  await mkdir(join(folder, 'templates'))
  await writeFile(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: shop\nversion: 1.0.0\n')
  await writeFile(
    join(folder, 'templates/all.yaml'),
    release.map(object => JSON.stringify(object)).join('\n---\n'),
  )
  return folder
}

type RunHelm = (...args: readonly string[]) => Promise<Outcome>
const helmIn =
  (cluster: Cluster, which: (typeof helms)[number], namespace: string): RunHelm =>
  (...args) =>
    cluster.run(which, [...args, '-n', namespace])

async function succeeds(what: string, outcome: Promise<Outcome>): Promise<void> {
  const { code, stderr } = await outcome
  assert.equal(code, 0, `${what}: ${stderr}`)
}

for (const which of helms) {
  real(`${which} upgrades and rolls back, whatever a revision removes or renames`, async cluster => {
    await using _ = await guarded(cluster, { rules: guardedRules })
    const converge = async ([what, [first, second]]: (typeof all)[number]): Promise<void> => {
      const namespace = await cluster.namespace()
      const helm = helmIn(cluster, which, namespace)
      await succeeds(what, helm('install', 'shop', await chartOf(cluster, first)))
      await assertHolds(cluster, namespace, first)
      await succeeds(what, helm('upgrade', 'shop', await chartOf(cluster, second)))
      await assertHolds(cluster, namespace, second)
      await succeeds(what, helm('rollback', 'shop', '1'))
      await assertHolds(cluster, namespace, first)
      await succeeds(what, helm('rollback', 'shop', '2'))
      await assertHolds(cluster, namespace, second)
      await succeeds(what, helm('uninstall', 'shop'))
      await assertHolds(cluster, namespace, [])
    }
    const all = Object.entries(transitions)
    await Promise.all(all.map(converge))
  })

  real(
    `${which} is refused what is wrong in itself, and an atomic upgrade restores what was`,
    async cluster => {
      await using _ = await guarded(cluster, { rules: guardedRules })
      const refuse = async ([what, [release, rule]]: (typeof all)[number]): Promise<void> => {
        const namespace = await cluster.namespace()
        const helm = helmIn(cluster, which, namespace)
        await succeeds(what, helm('install', 'shop', await chartOf(cluster, canary)))
        const chart = await chartOf(cluster, release)
        for (const flags of [atomic[which], []]) {
          const { code, stderr } = await helm('upgrade', 'shop', chart, ...flags)
          assert.notEqual(code, 0, what)
          assert.ok(stderr.includes(`[${rule}]`), `${what}: ${stderr}`)
          if (flags.length === 0) await succeeds(what, helm('rollback', 'shop', '1'))
          await assertHolds(cluster, namespace, canary)
        }
        const { code, stderr } = await helm('install', 'other', chart, '--take-ownership')
        assert.notEqual(code, 0, what)
        assert.ok(stderr.includes(`[${rule}]`), `${what}: ${stderr}`)
      }
      const all = Object.entries(faults)
      await Promise.all(all.map(refuse))
    },
  )
}
