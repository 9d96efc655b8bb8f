import { refOf } from '../../objects/kinds.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import { deleteCommand } from '../../objects/text/kubectl-commands.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { hostsOf } from '../../providers/istio/resolve/mesh.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { CheckResult, ReadinessFix, ServiceCheck } from '../check.ts'
import { foundByRules } from '../facts/from-rules.ts'
import { nameIn } from '../facts/names.ts'
import { removeField } from '../facts/patches.ts'
import type { ServiceSubject } from '../subject.ts'

/** In the mesh the oldest VirtualService for a host has it, and the others are ignored. */
export const virtualServices: ServiceCheck = {
  id: 'virtual-services',
  summary: 'In the mesh, one VirtualService has the routes of a host.',
  fix: 'Put the routes into one VirtualService, and remove the host from the others.',
  needs: routingNeeds,
  states: ['warn'],
  ofMesh: true,
  *check(subject) {
    const { reading, service } = subject
    for (const result of foundByRules(subject, 'virtual-services')) yield withFix(subject, result)
    const objects = reading.traffic.entryPoints.map(({ ref }) => ref)
    if (objects.length > 0)
      yield {
        state: 'pass',
        message: `no conflict: ${objects.map(ref => nameIn(service.namespace, ref)).join(', ')}`,
      }
  },
}

/**
 * The mesh ignores the routes of the younger object: the fix takes its host away there. A person has to move the routes
 * that are needed into the older one.
 */
function withFix({ view }: ServiceSubject, result: CheckResult): CheckResult {
  const { ref, finding } = result
  const object = ref?.kind === 'VirtualService' ? view.get({ ...ref, kind: 'VirtualService' }) : undefined
  const place = finding?.path[2]
  if (object === undefined || typeof place !== 'number') return result
  return { ...result, fix: givingUp(view, object, place) }
}

function givingUp(view: ServiceSubject['view'], object: VirtualService, place: number): ReadinessFix {
  const first = 'The mesh ignores its routes: move those that you need into the other VirtualService. Then:'
  const { gateways } = routingOf(object)
  const others = gateways.filter(name => name !== 'mesh')
  if (others.length > 0) {
    const at = (object.spec.gateways ?? []).indexOf('mesh')
    const fix = removeField(object, ['spec', 'gateways', at])
    return { ...fix, commands: [first, ...fix.commands] }
  }
  if (hostsOf(view, object).length > 1) {
    const fix = removeField(object, ['spec', 'hosts', place])
    return { ...fix, commands: [first, ...fix.commands] }
  }
  const ref = refOf(object)
  return {
    commands: [first, deleteCommand(ref)],
    files: [first, `Remove VirtualService ${namespaceOf(object)}/${ref.name} from the files`],
  }
}
