import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { parseAllDocuments } from 'yaml'
import { kindOf } from '../../../shared/objects/kinds.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { isDerivable } from '../../../webhook/cache/derivable.ts'
import { projectObject } from '../../../webhook/cache/project-object.ts'
import { judgeBy } from '../../../webhook/run/judge-by.ts'

const root = join(import.meta.dirname, '../../..')
const judge = judgeBy(guardedRules, defaultConfig)

function objectsIn(file: string): readonly KubeObject[] {
  return parseAllDocuments(readFileSync(join(root, file), 'utf8')).flatMap(document => {
    const object = (document as { toJS(): unknown }).toJS() as KubeObject | null
    return object !== null && kindOf(object) !== undefined && typeof object.metadata?.name === 'string'
      ? [object]
      : []
  })
}

const files = globSync('{examples,test/fixtures}/**/*.{yaml,yml}', { cwd: root })

test('projections give the same findings as whole objects', () => {
  let findings = 0
  for (const objects of [...files.map(objectsIn), files.flatMap(objectsIn)]) {
    const whole = lintView(judge, snapshot(objects))
    assert.deepEqual(
      lintView(
        judge,
        snapshot(objects.filter(object => !isDerivable(object)).map(object => projectObject(object)!)),
      ),
      whole,
    )
    findings += whole.length
  }
  assert.ok(findings > 20, `${findings} findings in ${files.length} files show little`)
})
