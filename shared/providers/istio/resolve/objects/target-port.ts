import type { KubeObject } from '../../../../objects/kube-object.ts'
import { isKind } from '../../../../objects/kinds.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../../objects/unchecked.ts'

/**
 * The port of a workload that a port of a Service stands for: `targetPort` by number, or by the name of a container's
 * port; the Service's own number when left out. Undefined for a name that no container has.
 */
export function targetPortOf(servicePort: unknown, workload: KubeObject | undefined): number | undefined {
  const { port, targetPort } = fieldsOf(servicePort)
  const said = numberOf(targetPort)
  const name = textOf(targetPort)
  if (said !== undefined) return said
  if (name === undefined) return numberOf(port)
  if (/^\d+$/.test(name)) return Number(name)
  return workload === undefined ? undefined : containerPorts(workload).find(each => each.name === name)?.port
}

/** The ports that the containers of a workload's pods declare. */
export function containerPorts(
  workload: KubeObject,
): readonly { readonly name: string | undefined; readonly port: number; readonly protocol: string }[] {
  const pod = podSpecOf(workload)
  return [...itemsOf(pod['containers']), ...itemsOf(pod['initContainers'])]
    .flatMap(container => itemsOf(fieldsOf(container)['ports']))
    .map(fieldsOf)
    .flatMap(({ name, containerPort, protocol }) => {
      const port = numberOf(containerPort)
      return port === undefined ? [] : [{ name: textOf(name), port, protocol: textOf(protocol) ?? 'TCP' }]
    })
}

/** Whether a workload says which containers its pods have. */
export const hasContainers = (workload: KubeObject): boolean =>
  itemsOf(podSpecOf(workload)['containers']).length > 0

function podSpecOf(workload: KubeObject): ReturnType<typeof fieldsOf> {
  const spec = fieldsOf(Reflect.get(workload, 'spec'))
  return isKind('Pod', workload) ? spec : fieldsOf(fieldsOf(spec['template'])['spec'])
}
