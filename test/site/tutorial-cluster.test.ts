import assert from 'node:assert/strict'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { played } from '../build/texts/tutorial-texts.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import { withReadyPods } from '../cluster/ready-pods.ts'
import { ClusterShell } from './cluster-shell.ts'

const folder = join(import.meta.dirname, '../../docs/tutorials')
const fence = 'console cluster'
const tutorials = readdirSync(folder).filter(name =>
  readFileSync(join(folder, name), 'utf8').includes(`\`\`\`${fence}\n`),
)
const onCluster = clusterTests({ controllerManager: true })

onCluster(
  'tutorials on a cluster show what their commands print now: WRITE_TUTORIALS=1 node --test test/site/tutorial-cluster.test.ts',
  async cluster => {
    assert.ok(tutorials.length >= 1)
    for (const name of tutorials) {
      const file = join(folder, name)
      const text = readFileSync(file, 'utf8')
      const shown = await withReadyPods(cluster, () =>
        played(text, name, { fence, shell: new ClusterShell(cluster) }),
      )
      if (process.env['WRITE_TUTORIALS'] === '1') writeFileSync(file, shown)
      else assert.equal(shown, text, name)
    }
  },
)
