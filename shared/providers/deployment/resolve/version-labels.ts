import type { Labels } from '../../../objects/kube-object.ts'

/**
 * The labels by which people tell the versions of a Service apart, in the order in which they are looked for: those of
 * canaries (https://kubernetes.io/docs/concepts/workloads/management/#canary-deployments), then those by which a
 * selector is switched between two colours.
 */
const trackKey = 'track'
const versionKeys = ['version', 'app.kubernetes.io/version'] as const
const switchKeys = [...versionKeys, trackKey, 'color', 'colour', 'slot'] as const

/** The track of pods, `stable` or `canary` as a rule. */
export const trackOf = (labels: Labels): string | undefined => said(labels[trackKey])

/** The version that pods say. */
export const versionOf = (labels: Labels): string | undefined =>
  versionKeys.map(key => said(labels[key])).find(value => value !== undefined)

/** Whether pods say a version or a track. */
export const isLabelled = (labels: Labels): boolean => (versionOf(labels) ?? trackOf(labels)) !== undefined

/** The key of a selector by which it selects one of several versions; undefined for one that selects all. */
export const switchKeyIn = (selector: Labels): string | undefined =>
  Object.keys(selector).length < 2 ? undefined : switchKeys.find(key => said(selector[key]) !== undefined)

/** The other colour of a blue-green pair; undefined for what is none. */
export const otherColour = (value: string | undefined): string | undefined =>
  value === 'blue' ? 'green' : value === 'green' ? 'blue' : undefined

/** Which label of pods holds a value that names their version. */
export const keyOfVersion = (labels: Labels, name: string): string | undefined =>
  switchKeys.find(key => labels[key] === name)

const said = (value: string | undefined): string | undefined => (value === '' ? undefined : value)
