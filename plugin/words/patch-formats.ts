/** The forms in which an edit can be printed instead of being written. */
export const patchFormats = ['json', 'merge', 'kustomize'] as const
export type PatchFormat = (typeof patchFormats)[number]
