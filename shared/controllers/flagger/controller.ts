import { refOf, workloadKinds } from '../../objects/kinds.ts'
import { keyOf, namespaceOf, type KubeObject, type Ref } from '../../objects/kube-object.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import type { Controller, ControllerState, DrivenService, OwnedVerb } from '../../routing/controller.ts'
import type { NoteFix } from '../../routing/note.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import {
  canaryFields,
  gatesOf,
  isEnding,
  isOwnedBy,
  isUnderWay,
  serviceNames,
  type CanaryFields,
} from './canary.ts'
import { drive, lacks } from './drive.ts'
import { instead } from './instead.ts'
import { unreadRouters } from './routers.ts'

/** Flagger: https://docs.flagger.app */
export const flagger: Controller = {
  name: 'flagger',
  title: 'Flagger',
  kind: 'Canary',
  reads: ['Canary', 'Service', 'VirtualService', 'HTTPRoute', 'GRPCRoute', 'ApisixRoute'],
  can: {
    ...lacks,
    full: true,
    abort: 'Flagger goes back by its rollback webhook alone.',
    pause: true,
    resume: true,
  },
  servicesOf: canary => {
    const { apex, primary, canary: own } = serviceNames(canaryFields(canary))
    return [apex, primary, own].map(name => ({ namespace: namespaceOf(canary), name }))
  },
  isUnderWay: canary => [isUnderWay, isEnding].some(is => is(canaryFields(canary))),
  targetOf: canary => {
    const { kind, name } = canaryFields(canary).target
    const known = workloadKinds.find(each => each === kind)
    return known === undefined ? undefined : { kind: known, namespace: namespaceOf(canary), name }
  },
  versionsOf: (_, canary) => {
    const names = serviceNames(canaryFields(canary))
    return { canary: ['canary', names.canary], stable: ['primary', names.primary] }
  },
  state,
  drive: (_, canary, words) => drive(canary, words),
  yields,
  instead,
  coverMesh,
}

/**
 * Its VirtualService is for the gateways of spec.service.gateways, and always for the host of the Service
 * (pkg/router/istio.go).
 */
function coverMesh(canary: KubeObject): NoteFix | undefined {
  const gateways = itemsOf(fieldsOf(canaryFields(canary).spec['service'])['gateways'])
  if (gateways.length === 0 || gateways.includes('mesh')) return undefined
  const ref = refOf(canary)
  return {
    fix: patchCommand(ref, 'merge', { spec: { service: { gateways: [...gateways, 'mesh'] } } }),
    edit: `add mesh to spec.service.gateways of ${keyOf(ref)}`,
  }
}

function state(view: ClusterView, canary: KubeObject): ControllerState {
  const fields = canaryFields(canary)
  const { status, phase, isSuspended } = fields
  const message = messageOf(fields)
  const weight = numberOf(status['canaryWeight'])
  const isOn = isUnderWay(fields) || isEnding(fields)
  const makes = missingServices(view, canary)
  const unread = unreadRouters(canary)
  return {
    controller: flagger.title,
    object: refOf(canary),
    phase: phase === '' ? 'unknown' : phase,
    ...(message !== undefined && { message }),
    ...(weight !== undefined && isOn && { weight }),
    ...progressOf(fields, isOn),
    held: isSuspended,
    services: drivenServices(fields),
    ...(makes.length > 0 && { makes }),
    revisions: [],
    gates: gatesOf(fields),
    routes: routesOf(view, canary),
    ...(unread.length > 0 && { unreadRouters: unread }),
  }
}

/** The Services that it will make, or that are not in files. */
const missingServices = (view: ClusterView, canary: KubeObject): readonly string[] => {
  const { apex, primary, canary: own } = serviceNames(canaryFields(canary))
  const namespace = namespaceOf(canary)
  return [apex, primary, own].filter(name => view.get({ kind: 'Service', namespace, name }) === undefined)
}

/**
 * The apex Service selects the primary's pods as soon as these are there (reconcileService in
 * pkg/router/kubernetes_default.go).
 */
function drivenServices(fields: CanaryFields): readonly DrivenService[] {
  const { apex, primary, canary } = serviceNames(fields)
  const { kind, name } = fields.target
  const [stable, next] = [`the pods of ${kind} ${name}-primary`, `the pods of ${kind} ${name}`]
  return [
    { name: apex, role: 'apex', to: stable },
    { name: primary, role: 'primary', to: stable },
    { name: canary, role: 'canary', to: next },
  ]
}

function progressOf(
  { status, analysis }: CanaryFields,
  isOn: boolean,
): Pick<ControllerState, 'failures' | 'iterations'> {
  const [count, done] = [numberOf(status['failedChecks']) ?? 0, numberOf(status['iterations']) ?? 0]
  const [threshold, of] = [numberOf(analysis['threshold']), numberOf(analysis['iterations'])]
  return {
    ...(threshold !== undefined && (isOn || count > 0) && { failures: { count, threshold } }),
    ...(of !== undefined && isOn && { iterations: { done, of } }),
  }
}

/** What the condition `Promoted` says. */
function messageOf({ status }: CanaryFields): string | undefined {
  const promoted = itemsOf(status['conditions'])
    .map(fieldsOf)
    .find(({ type }) => type === 'Promoted')
  return textOf(promoted?.['message'])
}

const routesOf = (view: ClusterView, canary: KubeObject): readonly Ref[] =>
  (['VirtualService', 'HTTPRoute', 'GRPCRoute', 'ApisixRoute'] as const).flatMap(kind =>
    view
      .list(kind, namespaceOf(canary))
      .filter(route => isOwnedBy(route, canary))
      .map(refOf),
  )

/**
 * What may be edited by hand while it is suspended: Flagger looks at nothing then (advanceCanary in
 * pkg/controller/scheduler.go).
 */
const byHand: ReadonlySet<OwnedVerb> = new Set(['weight', 'abort', 'undo'])

function yields(canary: KubeObject, verb: OwnedVerb): string | undefined {
  const fields = canaryFields(canary)
  if (!fields.isSuspended || !byHand.has(verb)) return undefined
  const owner = keyOf(refOf(canary))
  const stay = 'These shares stay until abort or resume takes them back; Flagger then continues from 0 %.'
  return isUnderWay(fields) || isEnding(fields) || fields.phase === ''
    ? `${owner} is suspended. ${stay}`
    : `${owner} is suspended and has no version under way: Flagger has scaled ${fields.target.kind} `
        + `${fields.target.name} to zero, so its canary has no pods. ${stay}`
}
