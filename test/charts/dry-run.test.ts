import assert from 'node:assert/strict'
import { clusterTests } from '../cluster/cluster-test.ts'
import { combinations, template } from './helm.ts'

const real = clusterTests({ crds: ['istio', 'cert-manager', 'prometheus-operator'], needs: ['helm4'] })

for (const [name, values] of Object.entries(combinations)) {
  real(
    `the API server, and the definitions of both operators, find nothing wrong with ${name}`,
    async cluster => {
      await cluster.request('/api/v1/namespaces', {
        method: 'POST',
        body: { metadata: { name: 'guard-system' } },
      })
      const { stdout } = await template('helm4', values)
      const { code, stderr } = await cluster.kubectl(
        ['apply', '--dry-run=server', '--validate=strict', '-f', '-'],
        { stdin: stdout },
      )
      assert.deepEqual([code, stderr], [0, ''])
    },
  )
}
