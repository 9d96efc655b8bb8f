import assert from 'node:assert/strict'
import { clusterTests } from '../cluster/cluster-test.ts'
import { until } from '../cluster/cluster.ts'
import { combinations, helms, template } from './helm.ts'
import { keepWriting, Release, untilGone } from './installed.ts'

const real = clusterTests({ controllerManager: true, needs: helms })

for (const name of ['the defaults', 'everything switched off', 'a certificate of the user\'s', 'a guard outside the cluster']) {
  real(`the API server finds nothing wrong with ${name}`, async cluster => {
    await cluster.request('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'guard-system' } } })
    const { stdout } = await template('helm4', combinations[name], ['--skip-tests'])
    const { code, stderr } = await cluster.kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], { stdin: stdout })
    assert.deepEqual([code, stderr], [0, ''])
  })
}

for (const which of helms) {
  real(`${which}: installs, tests, upgrades, rolls back and uninstalls, and leaves nothing behind`, async cluster => {
    const { release, output } = await Release.install(cluster, which)
    await using _ = release
    const guard = await release.startGuard()
    const installed = (await release.webhooks())!
    assert.deepEqual(installed.map(({ failurePolicy }) => failurePolicy), ['Ignore', 'Ignore'])
    assert.match(await release.test(), /denied the request: .*\n\[weights-sum-to-100\]/)

    const command = /helm (-n \S+ upgrade .*)/.exec(output)![1]!
    await release.helm(command.split(' '))
    const upgraded = (await release.webhooks())!
    assert.deepEqual(upgraded.map(({ failurePolicy }) => failurePolicy), ['Fail', 'Ignore'])
    assert.deepEqual(upgraded.map(({ clientConfig }) => clientConfig), installed.map(({ clientConfig }) => clientConfig))
    assert.equal((await release.write('bad', 110)).status, 403)

    await release.helm(['rollback', release.name])
    const rolledBack = (await release.webhooks())!
    assert.deepEqual(rolledBack.map(({ failurePolicy, clientConfig }) => ({ failurePolicy, clientConfig })), installed.map(({ failurePolicy, clientConfig }) => ({ failurePolicy, clientConfig })))
    assert.equal((await release.write('bad', 110)).status, 403)

    await release.helm(command.split(' '))
    const writer = keepWriting(release)
    await release.helm(['uninstall', release.name])
    assert.equal(await release.stopGuard(guard), 0)
    const { writes, failures } = await writer.stop()
    assert.deepEqual(failures, [])
    assert.ok(writes > 5, String(writes))
    await untilGone(cluster, release.name)
  })

  real(`${which}: with failurePolicy Fail and no guard left, uninstalling frees what was blocked`, async cluster => {
    const { release } = await Release.install(cluster, which)
    await using _ = release
    const guard = await release.startGuard()
    await release.helm(['upgrade', release.name, 'charts/canary-guard', '--reuse-values', '--set', 'webhook.failurePolicy=Fail'])
    await release.stopGuard(guard)
    await until('writes are blocked', async () => (await release.write('good', 100, { dryRun: true })).status === 500)
    assert.equal((await cluster.request('/api/v1/namespaces/default/services?dryRun=All', { method: 'POST', body: { metadata: { name: 'x' }, spec: { ports: [{ port: 80 }] } } })).status, 201)
    await release.helm(['uninstall', release.name])
    assert.equal((await release.write('good', 100, { dryRun: true })).status, 201)
    assert.equal(await release.webhooks(), undefined)
  })
}

real('deleting the guard\'s namespace takes along what belongs to no namespace', async cluster => {
  const { release } = await Release.install(cluster, 'helm4')
  await release.helm(['upgrade', release.name, 'charts/canary-guard', '--reuse-values', '--set', 'webhook.failurePolicy=Fail'])
  await cluster.expect(`/api/v1/namespaces/${release.namespace}`, { method: 'DELETE' })
  await untilGone(cluster, release.name)
  assert.equal((await release.write('good', 100, { dryRun: true })).status, 201)
})

real('uninstalling does not need the guard to have ever run', async cluster => {
  const { release } = await Release.install(cluster, 'helm3')
  await release.helm(['uninstall', release.name])
  await untilGone(cluster, release.name)
})

for (const order of ['as rendered', 'backwards'] as const) {
  real(`kubectl delete of the rendered files, ${order}, leaves nothing behind`, async cluster => {
    await cluster.request('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'guard-system' } } })
    const { stdout } = await template('helm4', { webhook: { failurePolicy: 'Ignore' } }, ['--no-hooks', '--skip-tests'])
    const documents = stdout.split(/^---$/m)
    const text = (order === 'as rendered' ? documents : documents.toReversed()).join('---\n')
    assert.equal((await cluster.kubectl(['apply', '-f', '-'], { stdin: text })).code, 0)
    const { code, stderr } = await cluster.kubectl(['delete', '-f', '-'], { stdin: text })
    assert.deepEqual([code, stderr], [0, ''])
    await untilGone(cluster, 'guard')
  })
}
