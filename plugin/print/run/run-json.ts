import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { presentOf } from '../../../shared/rollout/rollout-state.ts'
import { stageTraffic } from '../../../shared/rollout/stage-traffic.ts'
import type { RolloutNews } from '../../../shared/rollout/rollout-news.ts'

/** One piece of news as a line of JSON: docs/run-output.schema.json. */
export function formatRunEvent({ kind, ...news }: RolloutNews, record: RolloutRecord, at: Date): string {
  const { service, namespace, version, stable, id, state, plan } = record
  const traffic = stageTraffic(record)
  return JSON.stringify({
    at: at.toISOString(),
    event: kind,
    run: id,
    service,
    namespace,
    version,
    stable,
    status: state.status,
    step: state.stage + 1,
    steps: plan.stages.length,
    ...(traffic !== undefined && { traffic }),
    since: presentOf(state).since ?? null,
    failures: state.failures,
    threshold: plan.threshold,
    ...news,
    ...((kind === 'ended' || kind === 'rolling-back') && state.why !== undefined && { why: state.why }),
  })
}
