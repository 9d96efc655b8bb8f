import { kindOf, type Kind } from '../../../shared/objects/kinds.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { exemptionReason } from '../../../shared/rules/exemptions.ts'
import type { ExemptionSettings } from './exemption-settings.ts'

/** The kinds whose writes are reviewed, so that an exemption on them was judged by who wrote it. */
const reviewedKinds: ReadonlySet<Kind | undefined> = new Set<Kind>([
  'VirtualService',
  'DestinationRule',
  'HTTPRoute',
  'GRPCRoute',
  'Service',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
])

/**
 * The reason for which an object is exempt from a rule; undefined where it is not. Where only some may exempt, an
 * exemption on a kind that is not reviewed does not count, because nobody has judged who wrote it.
 */
export const effectiveExemption = (
  object: KubeObject,
  rule: string,
  { allowed, never }: ExemptionSettings,
): string | undefined =>
  never.includes(rule) || (allowed !== 'anyone' && !reviewedKinds.has(kindOf(object)))
    ? undefined
    : exemptionReason(object, rule)
