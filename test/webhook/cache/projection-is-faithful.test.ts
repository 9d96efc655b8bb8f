import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { kindOf } from '../../../shared/objects/kinds.ts'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { isDerivable } from '../../../webhook/cache/derivable.ts'
import { projectObject } from '../../../webhook/cache/project-object.ts'
import { judgeBy } from '../../../webhook/run/judge-by.ts'

const fixtures = join(import.meta.dirname, '../../fixtures')

const judge = judgeBy(guardedRules, defaultConfig)

/** Every object of a file that has a form an API server would take. */
function objectsIn(file: string): readonly KubeObject[] {
  return parseAllDocuments(readFileSync(file, 'utf8'))
    .flatMap(document => {
      const value = document.toJS() as ({ readonly items?: readonly KubeObject[] } & KubeObject) | null
      return value?.items ?? (value === null ? [] : [value])
    })
    .filter(object => kindOf(object) !== undefined && typeof object.metadata?.name === 'string')
}

const judged = (objects: readonly KubeObject[]): readonly string[] =>
  lintView(judge, snapshot(objects)).map(
    ({ rule, ref, about, message }) => `${rule} ${ref.kind} ${ref.name} ${about} ${message}`,
  )

it('the rules find the same in the projections of objects as in the whole objects', () => {
  const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter(file =>
    /\.ya?ml$/.test(file),
  )
  const all = files.map(file => ({ file, objects: objectsIn(join(fixtures, file)) }))
  for (const { file, objects } of all)
    assert.deepEqual(
      judged(objects.filter(object => !isDerivable(object)).map(object => projectObject(object)!)),
      judged(objects),
      file,
    )
  const found = all.reduce((sum, { objects }) => sum + judged(objects).length, 0)
  assert.ok(found > 50, `${found} findings`)
})
