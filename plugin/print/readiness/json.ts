import { formatPath } from '../../../shared/objects/paths.ts'
import type { CheckedResult, ReadinessReport } from '../../../shared/readiness/judge-readiness.ts'
import { nameOfReport } from './words.ts'

/** The reports as data; docs/doctor-output.schema.json says what is in them. */
export const readinessDataOf = (reports: readonly ReadinessReport[]) => ({
  ready: reports.every(({ state }) => state !== 'fail'),
  reports: reports.map(({ ref, state, checks, places }) => ({
    ...named(ref),
    ...(places === undefined ? {} : { places }),
    state,
    checks: checks.map(({ id, state: own, results }) => ({ id, state: own, results: results.map(resultOf) })),
  })),
})

/** A row for each result, for tables. */
export const readinessRows = (reports: readonly ReadinessReport[]) =>
  reports.flatMap(report =>
    report.checks.flatMap(({ id, results }) =>
      results.map(result => ({ about: nameOfReport(report), id, ...resultOf(result) })),
    ),
  )

const named = ({ kind, namespace, name }: CheckedResult['ref']) => ({
  kind,
  ...(namespace === '' ? {} : { namespace }),
  name,
})

const resultOf = ({ state, ref, finding, message, fix }: CheckedResult) => ({
  state,
  object: named(ref),
  ...(finding === undefined ? {} : { rule: finding.rule, path: formatPath(finding.path) }),
  message,
  fix,
})
