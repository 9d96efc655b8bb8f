import assert from 'node:assert/strict'
import { clusterTests } from '../cluster/cluster-test.ts'
import { allValues } from './every-value.ts'
import { chart, combinations, helms, template, type Values } from './helm.ts'

const real = clusterTests({ crds: ['istio', 'cert-manager', 'prometheus-operator'], needs: helms })

for (const [name, values] of Object.entries(combinations)) {
  real(
    `the API server, and the definitions of both operators, find nothing wrong with ${name}`,
    async cluster => {
      for (const name of ['guard-system', 'shop', 'monitoring'])
        await cluster.request('/api/v1/namespaces', { method: 'POST', body: { metadata: { name } } })
      const { stdout } = await template('helm4', values)
      const { code, stderr } = await cluster.kubectl(
        ['apply', '--dry-run=server', '--validate=strict', '-f', '-'],
        { stdin: stdout },
      )
      assert.deepEqual([code, stderr], [0, ''])
    },
  )
}

for (const which of helms) {
  real(`${which} installs, upgrades and removes a release with every value set`, async cluster => {
    for (const name of ['shop', 'monitoring'])
      await cluster.request('/api/v1/namespaces', { method: 'POST', body: { metadata: { name } } })
    const run = async (values: Values, ...args: readonly string[]): Promise<void> => {
      const { code, stdout, stderr } = await cluster.run(which, ['-n', 'guard-system', ...args, '-f', '-'], {
        stdin: JSON.stringify({ ...values, fullnameOverride: which }),
      })
      assert.equal(code, 0, stdout + stderr)
    }
    await run(allValues('podMonitor'), 'install', which, chart, '--create-namespace')
    await run(allValues('serviceMonitor'), 'upgrade', which, chart)
    await run({}, 'upgrade', which, chart, '--reset-values')
    const { code, stderr } = await cluster.run(which, ['-n', 'guard-system', 'uninstall', which])
    assert.equal(code, 0, stderr)
  })
}
