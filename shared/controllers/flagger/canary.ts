import { controllerOf, namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { kindOf } from '../../objects/kinds.ts'
import { fieldsOf, isFields, itemsOf, textOf } from '../../objects/unchecked.ts'
import { canaryServicesOf, type CanaryServices } from '../../objects/owners/canary-services.ts'
import type { ControllerCall, RolloutGate } from '../../routing/controller.ts'

type Fields = Readonly<Record<string, unknown>>

/** The parts of a Canary that are asked for (pkg/apis/flagger/v1beta1/canary.go and status.go). */
export interface CanaryFields {
  readonly spec: Fields
  readonly status: Fields
  /** `spec.analysis`, or `spec.canaryAnalysis` as it was called once. */
  readonly analysis: Fields
  /** `Progressing`; empty where Flagger has not looked at it yet. */
  readonly phase: string
  readonly isSuspended: boolean
  readonly skipsAnalysis: boolean
  readonly target: { readonly kind: string; readonly name: string }
}

/** What a Canary says, checked by nobody. */
export function canaryFields(canary: KubeObject): CanaryFields {
  const [spec, status] = [fieldsOf(Reflect.get(canary, 'spec')), fieldsOf(Reflect.get(canary, 'status'))]
  const target = fieldsOf(spec['targetRef'])
  return {
    spec,
    status,
    analysis: fieldsOf(isFields(spec['analysis']) ? spec['analysis'] : spec['canaryAnalysis']),
    phase: textOf(status['phase']) ?? '',
    isSuspended: spec['suspend'] === true,
    skipsAnalysis: spec['skipAnalysis'] === true,
    target: { kind: textOf(target['kind']) ?? 'Deployment', name: textOf(target['name']) ?? '' },
  }
}

/** The phases in which a version is under way, and can still be rolled back or released at once. */
const underWay: ReadonlySet<string> = new Set(['Progressing', 'Waiting', 'WaitingPromotion'])
/** The phases in which a version that passed takes over. */
const ending: ReadonlySet<string> = new Set(['Promoting', 'Finalising'])

export const isUnderWay = ({ phase }: CanaryFields): boolean => underWay.has(phase)
export const isEnding = ({ phase }: CanaryFields): boolean => ending.has(phase)

/** The Services that Flagger makes. */
export const serviceNames = ({ spec }: Pick<CanaryFields, 'spec'>): CanaryServices => canaryServicesOf(spec)

/** Whether an object is controlled by a Canary. */
export function isOwnedBy(object: KubeObject, canary: KubeObject): boolean {
  const owner = controllerOf(object)
  return (
    owner !== undefined
    && kindOf(owner) === 'Canary'
    && owner.name === canary.metadata.name
    && namespaceOf(object) === namespaceOf(canary)
  )
}

/** The web servers that are asked before Flagger continues, or goes back. */
export const gatesOf = ({ analysis }: CanaryFields): readonly RolloutGate[] =>
  itemsOf(analysis['webhooks'])
    .map(fieldsOf)
    .flatMap(({ name, type, url }) =>
      typeof type === 'string' && (type.startsWith('confirm-') || type === 'rollback')
        ? [{ name: textOf(name) ?? type, type, url: textOf(url) ?? '' }]
        : [],
    )

/**
 * The call that opens or closes a gate of Flagger's load tester (pkg/loadtester/server.go: what `/gate/check` and
 * `/rollback/check` answer is set by a POST to `…/open` and `…/close`), through the API server; undefined for another
 * web server.
 */
export function gateCall(
  canary: KubeObject,
  { url }: RolloutGate,
  to: 'open' | 'close',
): ControllerCall | undefined {
  const [, scheme, host = '', port, gate] =
    /^(https?):\/\/([^/:]+)(?::(\d+))?\/(gate|rollback)\/check\/?$/.exec(url) ?? []
  const [service = '', namespace = ''] = host.split('.')
  if (scheme === undefined || !/^[a-z0-9-]+$/.test(service) || !/^[a-z0-9-]+$/.test(namespace))
    return undefined
  const body = { name: canary.metadata.name, namespace: namespaceOf(canary) }
  const at = `${scheme}:${service}:${port ?? (scheme === 'https' ? '443' : '80')}`
  const path = `/api/v1/namespaces/${namespace}/services/${at}/proxy/${gate}/${to}`
  return { path, body, command: `echo '${JSON.stringify(body)}' | kubectl create --raw ${path} -f -` }
}
