import type { Service } from '../../../objects/core.ts'

/** The Service with annotations set, and those taken away that are undefined. */
export function annotated(service: Service, changes: Readonly<Record<string, string | undefined>>): Service {
  const annotations = Object.fromEntries(
    Object.entries({ ...service.metadata.annotations, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )
  return { ...service, metadata: { ...service.metadata, annotations } }
}
