/** A name that is not taken yet: `name-2`, `name-3`, … */
export const freeName = (name: string, taken: ReadonlySet<string | undefined>): string => {
  for (let i = 2; ; i++) if (!taken.has(`${name}-${i}`)) return `${name}-${i}`
}
