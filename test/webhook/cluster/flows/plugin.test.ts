import assert from 'node:assert/strict'
import { openStore } from '../../../../plugin/open-store.ts'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { runCommand, words } from '../../../plugin/run-command.ts'
import { guarded } from '../guarded.ts'
import { all, service } from '../manifests.ts'
import { deployment } from '../scene.ts'

const real = clusterTests()

real(
  'a whole canary by the commands of the plugin passes the guard without a refusal or a warning',
  async cluster => {
    const namespace = await cluster.namespace()
    await using guard = await guarded(cluster, { rules: guardedRules })
    await cluster.apply(all(service, deployment('v1')), { namespace })
    await cluster.apply(all(deployment('v2')), { namespace })
    for (const line of [
      'init --stable v1',
      'cohort internal --to v2 --force',
      'weight v2=10 --force',
      'weight v2=50 --force',
      'cohort internal --remove',
      'abort',
      'weight v2=10 --force',
      'promote v2 --force',
      'promote v1 --force',
    ]) {
      const { code, stderr } = await runCommand(
        [...words(line), '--service', 'catalog', '-n', namespace, '--kubeconfig', cluster.kubeconfig],
        { store: openStore },
      )
      assert.equal(code, 0, `${line}: ${stderr}`)
      assert.doesNotMatch(stderr, /^Warning/m, line)
    }
    const verdicts = guard.lines
      // What is asked before anything is written may rest on an object that is still to come.
      .filter(line => line['namespace'] === namespace && line['dryRun'] !== true)
      .filter(line => line['resource'] !== 'deployments')
      .map(line => line['verdict'])
    assert.ok(verdicts.length >= 9, String(verdicts.length))
    assert.deepEqual(
      verdicts.filter(verdict => verdict !== 'allowed'),
      [],
    )
  },
)
