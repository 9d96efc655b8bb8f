import type { GlobalFlags } from '../../../flags/global-flags.ts'

/** The flags that choose the cluster and the user, as words of another command; also what is secret. */
export function connectionWords({ connection }: Pick<GlobalFlags, 'connection'>): readonly string[] {
  const { asGroups, insecureSkipTlsVerify, ...named } = connection
  return [
    ...Object.entries(named).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${dashed(name)}=${value}`],
    ),
    ...asGroups.map(group => `--as-group=${group}`),
    ...(insecureSkipTlsVerify ? ['--insecure-skip-tls-verify'] : []),
  ]
}

/** `requestTimeout` is typed `--request-timeout`. */
const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
