import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { keyOf, type KubeObject, type Ref } from '../../shared/objects/kube-object.ts'
import { refOf, type Kind } from '../../shared/objects/kinds.ts'
import { findingsOf, type Judge } from '../../shared/rules/introduced.ts'
import { identityOf } from '../../shared/rules/findings.ts'
import { formatPath, type Finding } from '../../shared/rules/rule.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { Spent } from '../../shared/view/session.ts'
import { forgetDerived } from '../../shared/objects/unchecked.ts'
import { effectiveExemption } from '../review/exempt/effective-exemption.ts'
import type { ExemptionSettings } from '../review/exempt/exemption-settings.ts'
import type { Metrics } from './metrics.ts'

/** What the audit reads, and where it reports. */
export interface AuditParts {
  readonly view: ClusterView
  readonly judge: () => Judge
  readonly exemptions: () => ExemptionSettings
  readonly log: Logger
  readonly metrics: Metrics
}

/** What is wrong in the cluster, and what an exemption excuses. */
interface AuditFindings {
  readonly findings: readonly Finding[]
  readonly exempted: readonly Finding[]
}

/** Milliseconds of one slice: a review has several steps, and each of them can wait for a slice. */
const sliceMs = 1.5
/** How many times as long as a slice reviews have after it, where there are any; else as long. */
const restForReviews = 6
/** The part of a pause that the process works in if there are reviews. */
const busyPart = 0.1
/** Objects whose derived values are kept from one slice to the next. */
const mostDerived = 1_000
/** New findings that one audit logs; the metrics count all of them. */
const mostLines = 200

/**
 * Checks all cached objects by the rules and reports the findings: the metrics count them, the log says which are
 * new and how many are fixed.
 */
export class Audit {
  readonly #parts: AuditParts
  #known: ReadonlySet<string> = new Set()

  constructor(parts: AuditParts) {
    this.#parts = parts
  }

  /** One audit, in slices so that reviews continue; ends early with the signal. */
  async run(signal: AbortSignal): Promise<readonly Finding[]> {
    const { metrics, log } = this.#parts
    const start = performance.now()
    const { findings, exempted } = await this.#findings(signal)
    if (signal.aborted) return findings
    count(metrics.auditFindings, findings)
    count(metrics.auditExempted, exempted)
    metrics.auditDuration.set((performance.now() - start) / 1000)
    metrics.auditLast.set(Date.now() / 1000)
    const identities = new Set(findings.map(identityOf))
    const added = findings.filter(finding => !this.#known.has(identityOf(finding)))
    const fixed = [...this.#known].filter(identity => !identities.has(identity)).length
    this.#known = identities
    for (const { rule, severity, ref, path, message } of added.slice(0, mostLines)) {
      log.warn(
        { rule, severity: severity.lint, object: keyOf(ref), path: formatPath(path), message },
        'audit finding',
      )
    }
    log.info(
      {
        findings: findings.length,
        new: added.length,
        fixed,
        exempted: exempted.length,
        ms: Math.round(performance.now() - start),
      },
      'audit finished',
    )
    return findings
  }

  async #findings(signal: AbortSignal): Promise<AuditFindings> {
    const { view } = this.#parts
    const judge = this.#parts.judge()
    const exemptions = this.#parts.exemptions()
    const [findings, exempted]: [Finding[], Finding[]] = [[], []]
    for (const kind of new Set<Kind>(judge.rules.map(rule => rule.subject))) {
      for await (const found of this.#slices(view.list(kind), judge, signal)) {
        const isExempt = found.map(finding => this.#isExempt(finding, exemptions))
        findings.push(...found.filter((_, i) => !isExempt[i]))
        exempted.push(...found.filter((_, i) => isExempt[i]))
      }
    }
    return { findings, exempted }
  }

  /**
   * The findings slice by slice. Objects of one slice share what is derived, so a slice takes as many as there is
   * time for. After each slice, reviews have the same time, and several times as much where there are any.
   */
  async *#slices(
    objects: readonly KubeObject[],
    judge: Judge,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Finding[]> {
    for (let next = 0, size = 1; next < objects.length && !signal.aborted;) {
      const start = performance.now()
      yield this.#findingsOn(objects.slice(next, next + size).map(refOf), judge)
      forgetDerived(mostDerived)
      next += size
      const ms = performance.now() - start
      size = Math.max(1, Math.min(size * 2, Math.floor((size * sliceMs) / ms)))
      await rest(ms)
    }
  }

  #isExempt({ rule, ref }: Finding, exemptions: ExemptionSettings): boolean {
    const object = this.#parts.view.get(ref)
    return object !== undefined && effectiveExemption(object, rule, exemptions) !== undefined
  }

  /** The findings on objects; where a rule fails on one of them, those on the others. */
  #findingsOn(refs: readonly Ref[], judge: Judge): readonly Finding[] {
    try {
      return findingsOf(judge, this.#parts.view, refs)
    } catch (error) {
      if (refs.length > 1) return refs.flatMap(ref => this.#findingsOn([ref], judge))
      const object = refs.map(keyOf).join()
      if (error instanceof Spent) {
        this.#parts.log.warn({ object }, 'audit skipped an object that costs too much to judge')
        return []
      }
      this.#parts.metrics.errors.inc({ reason: 'audit' })
      this.#parts.log.error(
        { object, error: error instanceof Error ? error.stack : String(error) },
        'rule failed in the audit',
      )
      return []
    }
  }
}

async function rest(ms: number): Promise<void> {
  const before = performance.eventLoopUtilization()
  await pause(ms)
  if (performance.eventLoopUtilization(before).utilization > busyPart) await pause((restForReviews - 1) * ms)
}

function count(gauge: Metrics['auditFindings'], findings: readonly Finding[]): void {
  gauge.reset()
  for (const { rule, severity } of findings) gauge.inc({ rule, severity: severity.lint })
}
