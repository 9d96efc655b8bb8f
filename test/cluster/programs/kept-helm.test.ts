import assert from 'node:assert/strict'
import { ensureAssets, givenAsset } from '../assets.ts'
import { chart, helmTest, startedHelm } from '../../charts/helm.ts'
import { byKeptHelm, isForKeptHelm } from './kept-helm.ts'

const rows: readonly (readonly [args: string, shown: RegExp])[] = [
  ['--kube-version 1.36.0', /kind: ValidatingWebhookConfiguration/],
  ['--kube-version 1.36.0', /kind: ValidatingWebhookConfiguration/],
  ['--kube-version 1.10.0', /chart requires kubeVersion/],
  ['--set replicas=x', /values don't meet the specifications of the schema/],
  ['--set certificate.mode=secret,certificate.secretName=x', /^Error: /m],
  ['--show-only templates/nothing.yaml', /could not find template/],
  ['--api-versions monitoring.coreos.com/v1 --set serviceMonitor.enabled=true', /kind: ServiceMonitor/],
  ['--set serviceMonitor.enabled=true --is-upgrade --no-hooks', /kind: ServiceMonitor/],
  ['--values /nowhere.yaml', /no such file/],
  ['--nothing', /unknown flag: --nothing/],
  ['--namespace', /flag needs an argument/],
  ['--kube-version 1.36.0', /kind: ValidatingWebhookConfiguration/],
]

helmTest('a Helm that is kept prints what one prints that is started, and ends as it does', async () => {
  if ((await givenAsset('helm4')) !== undefined) return
  await ensureAssets(['kept-helm4'])
  for (const [words, shown] of rows) {
    const args = ['template', 'guard', chart, '--namespace', 'guard-system', ...words.split(' ')]
    const started = await startedHelm('helm4', args)
    assert.deepEqual(await byKeptHelm(args), started, words)
    assert.match(started.stdout + started.stderr, shown, words)
  }
})

helmTest('a flag that would hold for the next command is given to a Helm that is started', async () => {
  for (const flag of ['--debug', '--kube-context=x', '--registry-config=x', '-nx', '--help'])
    assert.ok(!isForKeptHelm(['template', 'guard', chart, '--namespace', 'x', flag]), flag)
  assert.ok(!isForKeptHelm(['template', 'guard', chart]))
  assert.ok(!isForKeptHelm(['install', 'guard', chart, '--namespace', 'x']))
})
