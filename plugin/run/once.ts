import type { RolloutNews } from '../../shared/rollout/rollout-news.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import type { RolloutPorts } from './rollout-ports.ts'

/** While a step is tried again and again, what stands is told once, and again where its reason changes. */
export function tellingOnce(ports: RolloutPorts): RolloutPorts {
  const told = new Map<RolloutNews['kind'], string>()
  return {
    ...ports,
    report: (news, record) => {
      const reason = standingReason(news, record)
      if (reason === undefined) {
        if (news.kind !== 'note') told.clear()
      } else if (told.get(news.kind) === reason) return
      else told.set(news.kind, reason)
      ports.report(news, record)
    },
  }
}

/** What makes news that stand new: undefined for news of something that happened. */
function standingReason(news: RolloutNews, { state }: RolloutRecord): string | undefined {
  if (news.kind === 'trouble') return news.why
  if (news.kind === 'rolling-back') return state.why ?? ''
  if (news.kind === 'paused') return JSON.stringify(state.paused)
  return news.kind === 'confirming' ? '' : undefined
}

/** A person is asked once whether the version is promoted: a question stays open while something does not answer. */
export function askingOnce(ports: RolloutPorts): RolloutPorts {
  if (ports.ask === undefined) return ports
  let asked: Promise<boolean> | undefined
  return { ...ports, ask: record => (asked ??= ports.ask!(record)) }
}
