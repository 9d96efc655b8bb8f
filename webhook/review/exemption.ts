import type { KubeObject } from '../../shared/objects/kube-object.ts'

const annotation = 'kubectl-canary/exempt'

/** The reason that an object's annotation gives for exempting it from a rule: a line of `rule-id: reason` for each; without a reason it does not count. */
export function exemptionOf({ metadata }: KubeObject, rule: string): string | undefined {
  const text = metadata.annotations?.[annotation]
  if (typeof text !== 'string') return undefined
  return text.split('\n').map(line => /^\s*([\w-]+):\s*(\S.*?)\s*$/.exec(line)).find(match => match?.[1] === rule)?.[2]
}
