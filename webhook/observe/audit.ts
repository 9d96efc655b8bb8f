import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { keyOf, type KubeObject, type Ref } from '../../shared/objects/kube-object.ts'
import { refOf, type Kind } from '../../shared/objects/kinds.ts'
import { exemptionReason } from '../../shared/rules/exemptions.ts'
import { findingsOf, identityOf, type Judge } from '../../shared/rules/introduced.ts'
import { formatPath, type Finding } from '../../shared/rules/rule.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { Spent } from '../../shared/view/session.ts'
import { forgetDerived } from '../../shared/objects/unchecked.ts'
import type { Metrics } from './metrics.ts'

/** What the audit looks at, and where it reports. */
export interface AuditParts {
  readonly view: ClusterView
  readonly judge: () => Judge
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * Milliseconds that one slice of the audit is to take: a review has several steps, and may have to wait for a
 * slice before each.
 */
const sliceMs = 4
/** Objects of which what is derived is kept from one slice to the next. */
const mostDerived = 1_000
/** New findings that one sweep logs one by one; the metrics count them all. */
const mostLines = 200

/**
 * Sweeps the cache and reports what stands in the cluster against the rules: the metrics say what there is,
 * the log what is new and what is mended.
 */
export class Audit {
  readonly #parts: AuditParts
  #known: ReadonlySet<string> = new Set()

  constructor(parts: AuditParts) {
    this.#parts = parts
  }

  /** One sweep, in slices so that reviews go on meanwhile; ends early with the signal. */
  async sweep(signal: AbortSignal): Promise<readonly Finding[]> {
    const { metrics, log } = this.#parts
    const start = performance.now()
    const findings = await this.#findings(signal)
    if (signal.aborted) return findings
    metrics.auditFindings.reset()
    for (const { rule, severity } of findings) metrics.auditFindings.inc({ rule, severity: severity.lint })
    metrics.auditDuration.set((performance.now() - start) / 1000)
    metrics.auditLast.set(Date.now() / 1000)
    const identities = new Set(findings.map(identityOf))
    const added = findings.filter(finding => !this.#known.has(identityOf(finding)))
    const mended = [...this.#known].filter(identity => !identities.has(identity)).length
    this.#known = identities
    for (const { rule, severity, ref, path, message } of added.slice(0, mostLines)) {
      log.warn(
        { rule, severity: severity.lint, object: keyOf(ref), path: formatPath(path), message },
        'audit finding',
      )
    }
    log.info(
      { findings: findings.length, new: added.length, mended, ms: Math.round(performance.now() - start) },
      'audit',
    )
    return findings
  }

  async #findings(signal: AbortSignal): Promise<readonly Finding[]> {
    const { view } = this.#parts
    const judge = this.#parts.judge()
    const findings: Finding[] = []
    for (const kind of new Set<Kind>(judge.rules.map(rule => rule.subject))) {
      for await (const found of this.#slices(view.list(kind), judge, signal)) findings.push(...found)
    }
    return findings
  }

  /**
   * Objects that are judged together share what is derived for them, so that slices take as many as there is
   * time for. After each one the reviews have as long.
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
      await pause(ms, undefined, { ref: false })
    }
  }

  #isExempt({ rule, ref }: Finding): boolean {
    const object = this.#parts.view.get(ref)
    return object !== undefined && exemptionReason(object, rule) !== undefined
  }

  /** One object that a rule fails on does not hide the others. */
  #findingsOn(refs: readonly Ref[], judge: Judge): readonly Finding[] {
    try {
      return findingsOf(judge, this.#parts.view, refs).filter(finding => !this.#isExempt(finding))
    } catch (error) {
      if (refs.length > 1) return refs.flatMap(ref => this.#findingsOn([ref], judge))
      const object = refs.map(keyOf).join()
      if (error instanceof Spent) {
        this.#parts.log.warn({ object }, 'the audit leaves out an object that takes too much to judge')
        return []
      }
      this.#parts.metrics.errors.inc({ reason: 'audit' })
      this.#parts.log.error(
        { object, error: error instanceof Error ? error.stack : String(error) },
        'a rule failed in the audit',
      )
      return []
    }
  }
}
