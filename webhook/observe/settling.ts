import type { Logger } from 'pino'
import { keyOf } from '../../shared/objects/kube-object.ts'
import { exemptionReason } from '../../shared/rules/exemptions.ts'
import { findingsOf, type Judge } from '../../shared/rules/introduced.ts'
import { identityOf } from '../../shared/rules/findings.ts'
import { formatPath, type Finding } from '../../shared/rules/rule.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { hasOptedOut, isBeingDeleted, isTerminating } from '../review/bypass.ts'
import type { Metrics } from './metrics.ts'

/** What is looked at again, when, and where it is reported. */
export interface SettlingParts {
  readonly view: ClusterView
  readonly judge: () => Judge
  /** Milliseconds until the look; 0 for none. */
  readonly afterMs: () => number
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'unsettled'>
  /** Tells whoever looks at the object; must not reject. */
  readonly report: (finding: Finding) => Promise<void>
}

/** Findings that wait for their look; a release has a few. */
const mostWaiting = 10_000

/**
 * Looks again at what a deploy tool was expected to fix with the objects that it applied next, and reports what is
 * still broken: the release failed half way, or was wrong.
 */
export class Settling {
  readonly #parts: SettlingParts
  /** By identity; the last change to break it counts. */
  readonly #waiting = new Map<string, NodeJS.Timeout>()

  constructor(parts: SettlingParts) {
    this.#parts = parts
  }

  /** Takes note of findings that were only warned of for now. */
  expect(deferred: readonly Finding[]): void {
    const ms = this.#parts.afterMs()
    if (ms === 0) return
    for (const finding of deferred) {
      const identity = identityOf(finding)
      clearTimeout(this.#waiting.get(identity))
      this.#waiting.delete(identity)
      if (this.#waiting.size >= mostWaiting) return
      this.#waiting.set(identity, setTimeout(() => this.#look(identity, finding), ms).unref())
    }
  }

  /** Ends all waiting. */
  close(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer)
    this.#waiting.clear()
  }

  #look(identity: string, { ref }: Finding): void {
    this.#waiting.delete(identity)
    const { log, metrics, report } = this.#parts
    try {
      const found = this.#findingOf(identity, ref)
      if (found === undefined) return
      const { rule, path, message } = found
      metrics.unsettled.inc()
      log.warn({ rule, object: keyOf(ref), path: formatPath(path), message }, 'still broken after a release')
      void report(found)
    } catch (error) {
      log.error(
        { object: keyOf(ref), error: error instanceof Error ? error.stack : String(error) },
        'the check after a release failed',
      )
    }
  }

  #findingOf(identity: string, ref: Finding['ref']): Finding | undefined {
    const { view, judge } = this.#parts
    const object = view.get(ref)
    const isLeft =
      isBeingDeleted(object) || isTerminating(view, ref.namespace) || hasOptedOut(view, ref.namespace)
    if (object === undefined || isLeft) return undefined
    return findingsOf(judge(), view, [ref]).find(
      finding => identityOf(finding) === identity && exemptionReason(object, finding.rule) === undefined,
    )
  }
}
