import type { KubeObject } from '../../objects/kube-object.ts'

/** What a label value may be. */
const labelValue = /^[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/

/**
 * The version that a workload without a version label probably is, none of those that others have: `v2` of
 * `catalog-v2`, `next` of `catalog-next` behind catalog, else `v1` or the next number that is free.
 */
export function likelyVersion(
  { metadata: { name } }: KubeObject,
  service: string,
  taken: ReadonlySet<string>,
): string {
  const suffix = /(?:^|[-_.])(v\d+(?:[-_.]\d+)*)$/.exec(name)?.[1]
  const rest = name.startsWith(`${service}-`) ? name.slice(service.length + 1) : undefined
  const said = [suffix, rest].find(
    value => value !== undefined && labelValue.test(value) && !taken.has(value),
  )
  if (said !== undefined) return said
  for (let i = 1; ; i++) if (!taken.has(`v${i}`)) return `v${i}`
}
