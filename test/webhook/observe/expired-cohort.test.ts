import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { projectObject } from '../../../webhook/cache/project-object.ts'
import { Audit } from '../../../webhook/observe/audit.ts'
import { createMetrics } from '../../../webhook/observe/metrics.ts'
import { auditBy } from '../../../webhook/run/judge-by.ts'
import { cohortIntent } from '../../plan/intents.ts'
import { catalog } from '../../plan/worlds.ts'

test('the audit reports a cohort once its end has passed, as a warning', async t => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-01-02T00:00:00Z') })
  const before = snapshot(catalog())
  const { changes } = planCohort(before, cohortIntent('internal', 'v2', { until: '2026-01-03T00:00:00Z' }))
  const after = overlay(before, changes)
  const view = snapshot(
    [...after.list('VirtualService'), ...after.list('DestinationRule'), ...after.list('Service')].flatMap(
      object => projectObject(object) ?? [],
    ),
  )
  const audit = new Audit({
    exemptions: () => defaultConfig.exemptions,
    view,
    judge: () => auditBy(guardedRules, defaultConfig),
    log: pino({ enabled: false }),
    metrics: createMetrics(),
  })
  const expired = async (): Promise<readonly string[]> =>
    (await audit.run(AbortSignal.timeout(60_000)))
      .filter(({ rule }) => rule === 'expired-cohort')
      .map(({ ref, severity }) => `${severity.lint} ${ref.name}`)
      .toSorted()
  assert.deepEqual(await expired(), [])
  t.mock.timers.setTime(Date.parse('2026-01-04T00:00:00Z'))
  assert.deepEqual(await expired(), ['warning catalog-mesh', 'warning catalog-vs-from-gw'])
})
