import type { MetricCheck } from '../../shared/analysis/check-result.ts'
import { judge } from '../../shared/analysis/judge.ts'
import type { AnalysisMetric } from '../../shared/analysis/metric.ts'
import type { PlayedService } from '../../shared/analysis/synthetic/played-service.ts'
import type { RolloutNews } from '../../shared/rollout/rollout-news.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import { passedBefore, presentOf } from '../../shared/rollout/rollout-state.ts'
import { carryOut } from './carry-out.ts'
import type { RolloutPorts } from './rollout-ports.ts'

/** A run that is only played. */
export interface Simulation {
  readonly record: RolloutRecord
  /** At second 0 when the run starts. */
  readonly service: PlayedService
  /** Told with the simulated time. */
  readonly report: (news: RolloutNews, record: RolloutRecord, at: Date) => void
}

/** Whether traffic that is not real has a value of a metric. */
export const canBeSimulated = ({ source: { kind } }: AnalysisMetric): boolean =>
  kind === 'success-rate' || kind === 'duration'

/** Nothing of a real service has a part in a cohort: it is played as half of the requests. */
const partOfCohort = 0.5

/** Plays a whole run on simulated or recorded traffic, by the same decisions and judgement; takes as long as computing it. */
export async function simulate({ record: start, service, report }: Simulation): Promise<RolloutRecord> {
  const begin = Date.parse(start.started)
  let record = start
  let now = begin
  const ports: RolloutPorts = {
    edit: async () => ({ kind: 'done', print: undefined }),
    measure: async current => ({ kind: 'measured', results: measured(service, current, begin) }),
    hold: async () => undefined,
    hook: async () => undefined,
    save: async state => (record = { ...record, state }),
    look: async () => record,
    now: () => new Date(now),
    wait: async milliseconds => {
      now += milliseconds
      service.advance((now - begin) / 1000, shareOf(record))
    },
    report: (news, current) => report(news, current, new Date(now)),
  }
  ports.report({ kind: 'started' }, record)
  return carryOut(record, ports)
}

function shareOf({ plan, state }: RolloutRecord): number {
  const stage = plan.stages[state.stage]!
  return stage.kind === 'cohort' ? stage.percent * partOfCohort : stage.percent
}

function measured(
  service: PlayedService,
  { plan: { metrics, minRequests, confidence }, state }: RolloutRecord,
  begin: number,
): readonly MetricCheck[] {
  const since = (Date.parse(presentOf(state).since!) - begin) / 1000
  const settings = { minRequests, confidence, earlier: passedBefore(state) }
  return metrics.map(metric => judge(metric, service.measurement(metric, since), settings))
}
