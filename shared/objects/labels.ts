import type { Labels } from './kube-object.ts'

/**
 * Whether the labels satisfy every pair of a selector; an empty selector matches everything, so callers
 * decide what none means.
 */
export const matches = (selector: Labels, labels: Labels | undefined): boolean =>
  Object.entries(selector).every(([key, value]) => labels?.[key] === value)

/** Labels in one order, as people write a selector: `app=catalog,version=v1`. */
export const formatLabels = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map(key => `${key}=${labels[key]}`)
    .join(',')
