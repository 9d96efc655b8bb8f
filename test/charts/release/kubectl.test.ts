import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'
import { createAuthority } from '../../cluster/credentials.ts'
import { startLoad } from './load.ts'
import { Release } from './release.ts'

const real = clusterTests({ controllerManager: true, needs: ['helm3', 'helm4'] })

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-rendered-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function run(cluster: Cluster, args: readonly string[]): Promise<void> {
  const { code, stderr } = await cluster.kubectl(args)
  assert.deepEqual([code, stderr], [0, ''])
}

const orders: Readonly<Record<string, (files: readonly string[], folder: string) => readonly string[]>> = {
  'as a folder': (_files, folder) => ['-R', '-f', folder],
  backwards: files => files.toReversed().flatMap(file => ['-f', file]),
}
for (const [order, argsOf] of Object.entries(orders)) {
  real(
    `kubectl applies and deletes the rendered files ${order} while writes go on: not one is blocked, and nothing is left`,
    async (cluster, context) => {
      const folder = await temporaryFolder(context)
      await using release = await Release.prepare(cluster)
      await run(cluster, ['create', 'namespace', release.namespace])
      await run(cluster, ['apply', ...argsOf(await release.render(folder, 'Ignore'), folder)])
      await release.refuses()
      await using load = await startLoad(cluster)
      const args = argsOf(await release.render(folder, 'Fail'), folder)
      await run(cluster, ['apply', ...args])
      assert.deepEqual(
        (await release.webhooks())!.map(({ failurePolicy }) => failurePolicy),
        ['Fail', 'Ignore', 'Ignore', 'Ignore'],
      )
      load.refusalsMayEnd()
      await run(cluster, ['delete', ...args])
      await release.untilGone()
      const { sound, wrong, failures, admitted } = await load.stop()
      context.diagnostic(`${sound} sound writes, ${wrong} wrong ones`)
      assert.deepEqual([failures, admitted], [[], []])
    },
  )
}

/** Deletes the namespace while writes go on, and waits until it has gone. */
async function deleteNamespace(release: Release, context: TestContext): Promise<void> {
  const { cluster, namespace } = release
  await using load = await startLoad(cluster)
  load.refusalsMayEnd()
  const begun = Date.now()
  await run(cluster, ['delete', 'namespace', namespace])
  const { sound, wrong, failures, admitted } = await load.stop()
  context.diagnostic(`${sound} sound writes, ${wrong} wrong ones in ${Date.now() - begun} ms`)
  assert.deepEqual([failures, admitted], [[], []])
}

real(
  "deleting the guard's namespace blocks no write with failurePolicy Fail, and takes along what belongs to no namespace",
  async (cluster, context) => {
    await using release = await Release.prepare(cluster)
    await run(cluster, ['create', 'namespace', release.namespace])
    assert.doesNotMatch(
      await release.install('helm4', ['webhook.failurePolicy=Fail'], { makesNamespace: false }),
      /has only now made the namespace/,
    )
    await release.refuses()
    await deleteNamespace(release, context)
    await release.untilGone()
  },
)

real(
  'the same with a certificate that is mounted, which is taken anew when its Secret changes',
  async (cluster, context) => {
    await using release = await Release.prepare(cluster)
    await run(cluster, ['create', 'namespace', release.namespace])
    const authority = await createAuthority()
    const secret = async (): Promise<object> => {
      const { certificate, key } = await authority.server(['127.0.0.1'])
      return {
        metadata: { name: 'mine' },
        type: 'kubernetes.io/tls',
        stringData: { 'tls.crt': certificate, 'tls.key': key },
      }
    }
    const secrets = `/api/v1/namespaces/${release.namespace}/secrets`
    await cluster.expect(secrets, { method: 'POST', body: await secret() })
    const caBundle = Buffer.from(authority.certificate).toString('base64')
    await release.install(
      'helm3',
      [
        'webhook.failurePolicy=Fail',
        'certificate.mode=secret',
        'certificate.secretName=mine',
        `certificate.caBundle=${caBundle}`,
      ],
      { makesNamespace: false },
    )
    await release.refuses()
    await cluster.expect(`${secrets}/mine`, { method: 'PUT', body: await secret() })
    await until(
      'both pods serve with the new certificate',
      async () => release.node.log().split('certificate loaded').length === 5,
    )
    await deleteNamespace(release, context)
    await release.untilGone()
  },
)

real(
  'where Helm has made the namespace, only rights are left after it, and the one command of the notes sees to those',
  async (cluster, context) => {
    await using release = await Release.prepare(cluster)
    const notes = await release.install('helm3')
    const command = /has just created the namespace.*\n {2}helm (.*)/.exec(notes)![1]!.split(' ')
    await release.helm('helm3', command)
    const { stdout } = await cluster.kubectl([
      'get',
      'clusterrole,clusterrolebinding,validatingwebhookconfiguration',
      release.name,
      '-o',
      'jsonpath={.items[*].metadata.ownerReferences[*].name}',
    ])
    assert.deepEqual(stdout.split(' '), [release.namespace, release.namespace, release.namespace])
    await release.helm('helm3', ['rollback', release.name, '1'])
    await deleteNamespace(release, context)
    await until('the configuration has gone', async () => (await release.webhooks()) === undefined)
    assert.deepEqual(
      (await release.left()).map(name => name.replace(/\..*/, '')),
      ['clusterrole', 'clusterrole', 'clusterrolebinding'],
    )
  },
)
