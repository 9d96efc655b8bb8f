import { keyOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import type { ServiceReading } from '../../../shared/routing/provider.ts'
import type { EntryPoint } from '../../../shared/routing/traffic.ts'
import { findingsOf, type Judge } from '../../../shared/rules/introduced.ts'
import {
  rejectionsIn,
  reportedFindings,
  type RejectionsByObject,
} from '../../../shared/rules/reported-findings.ts'
import { routingRules } from '../../../shared/rules/routing-rules.ts'
import { formatPath, type RuleSettings } from '../../../shared/rules/rule.ts'
import type { Sources } from '../../../shared/view/sources.ts'
import type { ServiceStatus } from '../../print/services/service-status.ts'
import { checkRegexWith } from '../../words/regex.ts'

type Judging = Pick<Judge, 'rules'> & Pick<RuleSettings, 're2Fault' | 'now' | 'folder'>

/**
 * By what the services are judged: in files also by what an API server refuses. What a cluster has was accepted, and its
 * schemas are not loaded.
 */
export async function statusJudge(
  services: readonly ServiceReading[],
  { live, now }: { readonly live: boolean; readonly now: Date },
): Promise<Judging> {
  if (live) return { rules: routingRules, now: now.getTime() }
  const { catalogue } = await import('../../../shared/rules/catalogue.ts')
  const holdsRegex = services.some(({ view, subjects }) =>
    subjects.some(ref => ref.kind === 'VirtualService' && mayHoldRegex(view.get(ref))),
  )
  return {
    rules: catalogue,
    folder: true,
    now: now.getTime(),
    ...(holdsRegex && { re2Fault: await checkRegexWith() }),
  }
}

const mayHoldRegex = (object: KubeObject | undefined): boolean =>
  object !== undefined && /"(?:regex|uriRegexRewrite)":/.test(JSON.stringify(object))

/** What `lint` reports on the objects of a service, and its entry points with what of them is refused. */
export function judgedService(
  reading: ServiceReading,
  { rules, sources, ...judging }: Judging & { readonly sources?: Sources | undefined },
): Pick<ServiceStatus, 'entryPoints' | 'findings'> {
  const { view, complete } = reading
  const settings = { complete, relativeWeights: false, ...judging }
  const findings = findingsOf({ rules, settings }, view, reading.subjects)
  const world = { rules, settings, view, sources }
  const rejections = rejectionsIn(world)(findings)
  return {
    entryPoints: reading.traffic.entryPoints.map(point => withRejection(point, rejections)),
    findings: reportedFindings(world)(findings).map(({ rule, severity, ref, path, message }) => ({
      rule,
      severity: complete ? severity.webhook : severity.lint,
      ...ref,
      path: formatPath(path),
      message,
    })),
  }
}

function withRejection(point: EntryPoint, rejections: RejectionsByObject): EntryPoint {
  const rejected = [point.ref, ...(point.roots ?? [])].flatMap(ref => rejections.get(keyOf(ref)) ?? [])[0]
  return rejected === undefined ? point : { ...point, rejected }
}
