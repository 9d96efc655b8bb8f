import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../../../plugin/open-store.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { runCommand } from '../../run-command.ts'

const clusterTest = clusterTests()

const service =
  '{apiVersion: v1, kind: Service, metadata: {name: cart}, spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}}'
const rule = (...names: readonly string[]) =>
  `{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: cart}, spec: {host: cart, subsets: [${names.map(name => `{name: ${name}, labels: {version: ${name}}}`).join(', ')}]}}`
const routes =
  '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: cart}, spec: {hosts: [cart], http: [{route: ['
  + '{destination: {host: cart, subset: v1}, weight: 90}, {destination: {host: cart, subset: v2}, weight: 10}]}]}}'

async function lint(cluster: Cluster, ...argv: readonly string[]) {
  const { code, stdout, stderr } = await runCommand(['lint', '-o', 'json', ...argv], {
    store: openStore,
    env: { ...(process.env as Record<string, string>), KUBECONFIG: cluster.kubeconfig },
  })
  assert.notEqual(stdout, '', stderr)
  const { findings } = JSON.parse(stdout) as {
    readonly findings: readonly {
      readonly rule: string
      readonly namespace: string
      readonly severity: string
      readonly file: string | null
    }[]
  }
  return {
    code,
    errors: findings
      .filter(({ severity }) => severity === 'error')
      .map(finding => [finding.rule, finding.namespace, finding.file]),
  }
}

clusterTest('judges a namespace, all of them, and what applying files would break there', async cluster => {
  const [good, bad] = [await cluster.namespace(), await cluster.namespace()]
  await cluster.apply([service, rule('v1', 'v2'), routes].join('\n---\n'), { namespace: good })
  await cluster.apply([service, rule('v1'), routes].join('\n---\n'), { namespace: bad })
  assert.deepEqual(await lint(cluster, '-n', good), { code: 0, errors: [] })
  assert.deepEqual(await lint(cluster, '-n', bad), { code: 3, errors: [['undefined-subset', bad, null]] })
  assert.deepEqual(await lint(cluster, '-A'), { code: 3, errors: [['undefined-subset', bad, null]] })

  const folder = mkdtempSync(join(tmpdir(), 'lint-cluster-'))
  try {
    const file = join(folder, 'rule.yaml')
    writeFileSync(file, rule('v1'))
    assert.deepEqual(await lint(cluster, '-f', file, '--with-cluster', '-n', good), {
      code: 3,
      errors: [['undefined-subset', good, null]],
    })
    assert.deepEqual(
      await lint(cluster, '-f', file, '--with-cluster', '-n', bad),
      { code: 0, errors: [] },
      'it was broken before',
    )
    writeFileSync(file, rule('v1', 'v2'))
    assert.deepEqual(await lint(cluster, '-f', file, '--with-cluster', '-n', bad), { code: 0, errors: [] })
    writeFileSync(file, routes.replace('weight: 10', 'weight: 20'))
    assert.deepEqual(await lint(cluster, '-f', file, '--with-cluster', '-n', good), {
      code: 3,
      errors: [['weights-sum-to-100', good, file]],
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
