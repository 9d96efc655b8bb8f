import { derivedOnce, fieldsOf, isFields, labelsOf, textOf } from './unchecked.ts'

type PodTemplateFields = Readonly<Record<string, unknown>>

/** No API nests a pod template deeper; CronJobs have theirs at `spec.jobTemplate.spec.template`. */
const mostDepth = 6

/**
 * The pod templates in the spec of an object of any kind: mappings with `metadata.labels` beside a pod's `spec`. At
 * `spec.template` the pod's spec may be left out; a template of something else (a SealedSecret's Secret, an
 * ApplicationSet's Application) has other fields there.
 */
export const podTemplatesOf: (object: object) => readonly PodTemplateFields[] = derivedOnce(object => {
  const spec = fieldsOf(Reflect.get(object, 'spec'))
  const own = spec['template']
  if (isRevision(object)) return [object as PodTemplateFields]
  return isFields(own) && isBareTemplate(own) && !isFields(spec['encryptedData'])
    ? [own]
    : templatesIn(spec, 0)
})

/** Whether a whole object of any kind makes pods from a template; false for what is only a kind's name. */
export function makesPods(object: object): boolean {
  const { name, namespace } = fieldsOf(Reflect.get(object, 'metadata'))
  return (
    textOf(name) !== undefined && typeof (namespace ?? '') === 'string' && podTemplatesOf(object).length > 0
  )
}

/** A Knative Revision is a pod template itself. */
const isRevision = (object: object): boolean =>
  String(Reflect.get(object, 'apiVersion')).startsWith('serving.knative.dev/')
  && Reflect.get(object, 'kind') === 'Revision'
  && isPodTemplate(fieldsOf(object))

const isBareTemplate = (template: PodTemplateFields): boolean =>
  template['spec'] === undefined && hasLabels(template)

const isPodTemplate = (value: PodTemplateFields): boolean =>
  hasLabels(value) && Array.isArray(fieldsOf(value['spec'])['containers'])

const hasLabels = (value: PodTemplateFields): boolean =>
  Object.keys(labelsOf(fieldsOf(value['metadata'])['labels'])).length > 0

function templatesIn(value: unknown, depth: number): readonly PodTemplateFields[] {
  if (depth > mostDepth || typeof value !== 'object' || value === null) return []
  if (isFields(value) && isPodTemplate(value)) return [value]
  return Object.values(value).flatMap(inner => templatesIn(inner, depth + 1))
}
