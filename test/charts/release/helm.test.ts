import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { until } from '../../cluster/cluster.ts'
import { helms } from '../helm.ts'
import { startLoad } from './load.ts'
import { Release } from './release.ts'

const real = clusterTests({ controllerManager: true, needs: helms })

type Webhooks = NonNullable<Awaited<ReturnType<Release['webhooks']>>>
const policiesOf = (webhooks: Webhooks) => webhooks.map(({ failurePolicy }) => failurePolicy)
/** What the API server trusts, which no upgrade may take away; the paths follow the failure policy. */
const clientsOf = (webhooks: Webhooks) => webhooks.map(({ clientConfig: { caBundle } }) => caBundle)

/** Whether each running pod passes its probes. */
const probesOf = ({ node }: Release): Promise<readonly boolean[]> =>
  Promise.all(
    node.running.flatMap(container => [
      container.passes('livenessProbe'),
      container.passes('readinessProbe'),
    ]),
  )

for (const which of helms) {
  real(
    `${which}: installs, tests, upgrades, restarts, rolls back and uninstalls while writes go on, and not one is blocked`,
    async (cluster, context) => {
      await using release = await Release.prepare(cluster)
      const output = await release.install(which)
      await release.refuses()
      assert.deepEqual(await probesOf(release), [true, true, true, true])
      await release.helm(which, ['test', release.name])
      assert.match(release.node.log(`${release.name}-test`), /denied the request: .*\n\[weights-sum-to-100\]/)

      await using load = await startLoad(cluster)
      const installed = (await release.webhooks())!
      const command = /helm (-n \S+ upgrade .*Fail)/.exec(output)![1]!.split(' ')
      await release.helm(which, command)
      assert.deepEqual(policiesOf(installed), ['Ignore', 'Ignore', 'Ignore', 'Ignore'])
      const upgraded = (await release.webhooks())!
      assert.deepEqual(
        [policiesOf(upgraded), clientsOf(upgraded)],
        [['Fail', 'Ignore', 'Ignore', 'Ignore'], clientsOf(installed)],
      )

      const before = release.node.running
      await release.helm(which, [
        ...command.slice(0, -1),
        'podAnnotations.note=restarted',
        '--wait',
        '--timeout=1m',
      ])
      await until('other pods serve', async () => before.every(({ code }) => code === 0))
      await release.helm(which, ['rollback', release.name, '1', '--wait', '--timeout=1m'])
      const rolledBack = (await release.webhooks())!
      assert.deepEqual(
        [policiesOf(rolledBack), clientsOf(rolledBack)],
        [policiesOf(installed), clientsOf(installed)],
      )

      await release.helm(which, command)
      load.refusalsMayEnd()
      await release.helm(which, ['uninstall', release.name])
      await release.untilGone()
      const { sound, wrong, failures, admitted } = await load.stop()
      context.diagnostic(`${sound} sound writes, ${wrong} wrong ones`)
      assert.deepEqual([failures, admitted], [[], []])
      assert.ok(sound > 100 && wrong > 20, `${sound} ${wrong}`)
    },
  )
}
