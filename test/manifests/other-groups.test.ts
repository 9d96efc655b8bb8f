import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { stringify } from 'yaml'
import { refOf } from '../../shared/objects/kinds.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { apiGateway, coreService, istioGateway, knativeService } from '../objects/other-groups.ts'
import { folder, opened } from './manifest-folder.ts'

for (const [title, own, foreign, skipped] of [
  ['Gateway', istioGateway, apiGateway, undefined],
  ['Service', coreService, knativeService, 'kind Service.serving.knative.dev is not read'],
] as const) {
  for (const [order, documents] of [
    ['before', [foreign, own]],
    ['after', [own, foreign]],
  ] as const) {
    test(`a ${title} of another group ${order} one of ours stays as it is`, async t => {
      const text = documents.map(object => stringify(object)).join('---\n')
      const path = folder(t, { 'a.yaml': text })
      const { store, view, sources } = await opened(path)
      assert.deepEqual(view.list(refOf(own).kind), [own])
      assert.deepEqual(
        sources.skipped.map(({ why, reason }) => [why, reason]),
        skipped === undefined ? [] : [['other-kind', skipped]],
      )
      const after = { ...own, metadata: { ...own.metadata, labels: { team: 'red' } } } as KubeObject
      await store.apply([{ before: view.get(refOf(own))!, after }], { dryRun: 'none' })
      const written = readFileSync(join(path, 'a.yaml'), 'utf8').split('---\n')
      assert.equal(written[documents.indexOf(foreign)], stringify(foreign))
      assert.match(written[documents.indexOf(own)]!, /team: red/)
    })
  }
  test(`a ${title} of another group in a List is none of ours`, async t => {
    const list = { apiVersion: 'v1', kind: 'List', items: [foreign, own] }
    const { view } = await opened(folder(t, { 'a.yaml': stringify(list) }))
    assert.deepEqual(view.list(refOf(own).kind), [own])
  })
}

test('a Service of another group cannot be created over one of ours', async t => {
  const { store } = await opened(folder(t, { 'a.yaml': stringify(coreService) }))
  await assert.rejects(store.apply([{ after: knativeService }], { dryRun: 'none' }), TypeError)
})
