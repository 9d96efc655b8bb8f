import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { lintView } from '../../shared/rules/introduced.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'

const folder = new URL('../fixtures/healthy/', import.meta.url)
const objectsIn = (file: string) => objectsOf(readFileSync(new URL(file, folder), 'utf8'))
const errors = (file: string, complete: boolean): readonly string[] =>
  lintView({ rules: catalogue, settings: { complete, relativeWeights: false } }, snapshot(objectsIn(file)))
    .filter(({ severity }) => severity.lint === 'error')
    .map(({ rule, ref, message }) => `${rule} ${ref.kind} ${ref.name}: ${message}`)

/** Files that speak of nothing outside of themselves. */
const whole = [
  'bookinfo.yaml',
  'online-boutique.yaml',
  'flagger-idle.yaml',
  'flagger-progressing.yaml',
  'argo-rollouts-subsets.yaml',
]

describe('healthy manifests', () => {
  for (const file of readdirSync(folder))
    it(`have no error: ${file}`, () => assert.deepEqual(errors(file, false), []))
  for (const file of whole)
    it(`have no error taken as the whole world: ${file}`, () => assert.deepEqual(errors(file, true), []))

  it('have no warning in the ways of Flagger and Argo Rollouts', () => {
    for (const file of [
      'flagger-idle.yaml',
      'flagger-progressing.yaml',
      'argo-rollouts-subsets.yaml',
      'argo-rollouts-hosts.yaml',
      'bookinfo.yaml',
      'online-boutique.yaml',
    ]) {
      const found = lintView(
        { rules: catalogue, settings: { complete: false, relativeWeights: false } },
        snapshot(objectsIn(file)),
      )
      assert.deepEqual(
        found.map(({ rule, ref, message }) => `${rule} ${ref.name}: ${message}`),
        [],
        file,
      )
    }
  })
})
