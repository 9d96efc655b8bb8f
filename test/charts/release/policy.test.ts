import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { until } from '../../cluster/cluster.ts'
import { Release } from './release.ts'

const real = clusterTests({ controllerManager: true, needs: ['helm4'] })

real(
  "with the policy, helm test sees the guard's own denial, and weights are refused when the guard is away",
  async cluster => {
    await using release = await Release.prepare(cluster)
    await release.install('helm4', ['policy.enabled=true'])
    const messageOf = async (): Promise<string> => {
      const { status, body } = await release.write(110)
      return status < 300 ? '' : (body as { readonly message: string }).message
    }
    await until('the policy is in force', async () =>
      (await messageOf()).includes(`ValidatingAdmissionPolicy '${release.name}-weights'`),
    )
    await release.helm('helm4', ['test', release.name])
    assert.match(
      release.node.log(`${release.name}-test`),
      /webhook "routes\.canary-guard\S*" denied the request: .*\n\[weights-sum-to-100\]/,
    )

    await cluster.kubectl(['-n', release.namespace, 'scale', 'deployment', release.name, '--replicas=0'])
    await until('the guard is away', async () => release.node.running.length === 0)
    assert.match(
      await messageOf(),
      /\[weights-sum-to-100\] the weights 100 \+ 10 of a route add up to 110, not to 100$/,
    )
    assert.equal((await release.write(100)).status, 201)

    await release.helm('helm4', ['uninstall', release.name])
    await until('the policy is gone', async () => (await messageOf()) === '')
    const { stdout } = await cluster.kubectl([
      'get',
      'validatingadmissionpolicies,validatingadmissionpolicybindings',
      '-o',
      'name',
    ])
    assert.equal(stdout.includes(release.name), false, stdout)
  },
)
