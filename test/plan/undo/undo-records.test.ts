import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { historyOf, recordsToUndo } from '../../../plugin/edit/undo-records.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { ChangeRecord } from '../../../shared/view/history.ts'
import { MemoryHistory } from '../../plugin/history/memory-history.ts'

const target = { namespace: 'shop', command: 'undo', live: true }
const record = (service: string, revision: number, id = `${service}-${revision}`): ChangeRecord => ({
  id,
  service,
  revision,
  namespace: 'shop',
  namespaces: ['shop'],
  title: 'weight',
  command: 'kubectl canary weight',
  at: '2026-01-01T00:00:00Z',
  changes: [],
})
function kept(...records: readonly ChangeRecord[]): MemoryHistory {
  const history = new MemoryHistory()
  history.records = records
  return history
}
const refusal = async (work: Promise<unknown>): Promise<readonly string[]> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof CanaryError)
  return [error.code, error.message, ...error.hints]
}

describe('the history that an undo is about', () => {
  test('is that of the service that is named, else of the only one that has any', async () => {
    const history = kept(record('catalog', 1), record('catalog', 2))
    for (const named of [undefined, { service: 'catalog', namespace: 'shop' }]) {
      const { service, namespace, changes } = await historyOf(history, target, named)
      assert.deepEqual([service, namespace, changes.length], ['catalog', 'shop', 2])
    }
  })

  test('is a question where several have one, unless their last changes are one change', async () => {
    const history = kept(record('catalog', 1), record('orders', 4))
    assert.deepEqual(await refusal(historyOf(history, target, undefined)), [
      'ambiguous',
      '2 Services in namespace shop have a history',
      'Choose one:',
      '  kubectl canary undo --service catalog',
      '  kubectl canary undo --service orders',
    ])
    const together = kept(record('catalog', 1), record('catalog', 2, 'both'), record('orders', 4, 'both'))
    const { service, changes } = await historyOf(together, target, undefined)
    assert.deepEqual([service, changes.map(({ revision }) => revision)], ['catalog', [1, 2]])
  })

  test('is an error where there is none, or where it may not be read', async () => {
    const named = { service: 'catalog', namespace: 'web' }
    const nobody = await refusal(historyOf(kept(), target, undefined))
    assert.deepEqual(nobody.slice(0, 2), ['not-found', 'no changes in namespace shop are recorded'])
    const none = await refusal(historyOf(kept(), target, named))
    assert.equal(none[1], 'no changes of catalog in namespace web are recorded')
    const hidden = kept(record('catalog', 1))
    hidden.missing = 'not allowed'
    assert.deepEqual(await refusal(historyOf(hidden, target, undefined)), [
      'forbidden',
      'cannot read the history: not allowed',
    ])
  })
})

describe('the records that an undo takes back', () => {
  const all = [3, 4, 5].map(revision => record('catalog', revision))
  const asked = (toRevision?: number) =>
    recordsToUndo(
      kept(...all),
      { service: 'catalog', namespace: 'shop', changes: all },
      { kind: 'undo', force: false, ...(toRevision !== undefined && { toRevision }) },
    )

  test('are those after the revision that is asked for, else the last one alone', async () => {
    for (const [said, to, taken] of [
      [undefined, 4, [5]],
      [5, 5, []],
      [3, 3, [4, 5]],
      [2, 2, [3, 4, 5]],
    ] as const) {
      const { toRevision, records } = await asked(said)
      assert.deepEqual([toRevision, records.map(({ revision }) => revision)], [to, taken])
    }
  })

  test('are none for a revision that is not recorded', async () => {
    for (const revision of [1, 6])
      assert.deepEqual(await refusal(asked(revision)), [
        'not-found',
        `catalog has no revision ${revision}: undo can restore revisions 2 to 5`,
        'Show them: kubectl canary history catalog -n shop',
      ])
  })
})
