import { kindOf, refOf } from '../../../shared/objects/kinds.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { derivedOnce } from '../../../shared/objects/unchecked.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'
import {
  checkExemptions,
  exemptAnnotation,
  exemptionsOf,
  invalidExemption,
  type Exemption,
} from '../../../shared/rules/exemptions.ts'
import { type Judge, type Judgement } from '../../../shared/rules/introduced.ts'
import { identityOf } from '../../../shared/rules/findings.ts'
import type { Finding, Path } from '../../../shared/rules/rule.ts'
import type { Change } from '../../../shared/view/change.ts'
import type { AdmissionRequest } from '../admission-request.ts'
import { isOptingOut, optOutLabel } from './opt-out.ts'
import { mayExempt, type ExemptionSettings } from './exemption-settings.ts'

/** What a request writes of exemptions that its writer may not write; always denied, and exempted by nothing. */
export interface ForbiddenExemptions {
  readonly findings: readonly Finding[]
  /** The rules whose exemption does not count in this request. */
  readonly rules: ReadonlySet<string>
}

/**
 * The exemptions that a request adds or changes without the right to. Also one through a subresource: `status` of
 * some kinds takes annotations and labels. What is there already, in the same words, may be written again.
 */
export function forbiddenExemptions(
  request: AdmissionRequest,
  settings: ExemptionSettings,
): ForbiddenExemptions {
  const { object, oldObject, user } = request
  if (object === undefined || mayExempt(request, settings) || kindOf(object) === undefined) return none
  const written = writtenExemptions({ before: oldObject, after: object })
  const rules = new Set(written.map(({ rule }) => rule))
  const findings = [
    ...(rules.size === 0
      ? []
      : [
          forbidden(object, {
            path: annotationPath,
            message: `${user} may not exempt it from ${[...rules].join(', ')}`,
            fix: `Remove the exemption, ${byOthers}`,
          }),
        ]),
    ...(isOptingOut(request)
      ? [
          forbidden(object, {
            path: ['metadata', 'labels', optOutLabel],
            message: `${user} may not opt the namespace out of reviews`,
            fix: `Remove the label, ${byOthers}`,
          }),
        ]
      : []),
  ]
  return { findings, rules }
}

const none: ForbiddenExemptions = { findings: [], rules: new Set() }
const annotationPath = ['metadata', 'annotations', exemptAnnotation]
const byOthers = "or have it written by a user or group of exemptions.allowed in the guard's configuration."

/** The exemptions that a change adds, or whose reason it changes. */
function writtenExemptions({ before, after }: Change): readonly Exemption[] {
  const wordsOf = ({ rule, reason }: Exemption): string => `${rule}: ${reason}`
  const known = new Set((before === undefined ? [] : exemptionsOf(before)).map(wordsOf))
  return (after === undefined ? [] : exemptionsOf(after)).filter(exemption => !known.has(wordsOf(exemption)))
}

const forbidden = (
  object: KubeObject,
  { path, message, fix }: { readonly path: Path; readonly message: string; readonly fix: string },
): Finding => ({
  rule: invalidExemption,
  family: invalidExemption,
  ref: refOf(object),
  path,
  about: 'forbidden',
  tells: [],
  severity: { webhook: 'error', lint: 'warning' },
  message: escaped(message),
  fix: escaped(fix),
})

const idsOf = derivedOnce((rules: Judge['rules']): ReadonlySet<string> => new Set(rules.map(({ id }) => id)))

/** Exemptions without effect, which are best reported when the object is written. */
export function ineffectiveExemptions(
  { before, after }: Change,
  { rules }: Judge,
  { never }: ExemptionSettings,
): Judgement {
  if (!hasExemptions(before) && !hasExemptions(after)) return nothing
  const ids = idsOf(rules)
  const found = (object: KubeObject | undefined): readonly Finding[] =>
    object === undefined ? [] : [...checkExemptions(object, ids), ...neverExempted(object, never)]
  const [was, is] = [found(before), found(after)]
  const known = new Set(was.map(identityOf))
  return {
    introduced: is.filter(finding => !known.has(identityOf(finding))),
    standing: is.filter(finding => known.has(identityOf(finding))),
  }
}

const nothing: Judgement = { introduced: [], standing: [] }

const hasExemptions = (object: KubeObject | undefined): boolean =>
  object?.metadata.annotations?.[exemptAnnotation] !== undefined

/** Exemptions from rules that the configuration lets nobody exempt from. */
const neverExempted = (object: KubeObject, never: readonly string[]): readonly Finding[] =>
  [...new Set(exemptionsOf(object).map(({ rule }) => rule))]
    .filter(rule => never.includes(rule))
    .map(rule => ({
      rule: invalidExemption,
      family: invalidExemption,
      ref: refOf(object),
      path: annotationPath,
      about: `never ${rule}`,
      tells: [],
      severity: { webhook: 'warning', lint: 'warning' },
      message: `the exemption from ${rule} is ignored: exemptions.never in the guard's configuration names this rule`,
      fix: 'Remove the exemption.',
    }))
