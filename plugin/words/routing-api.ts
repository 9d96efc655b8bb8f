import { CanaryError } from '../../shared/objects/canary-error.ts'

/** The routing APIs by the names that `--provider` takes, in the order in which they are asked. */
export const routingApis = ['istio', 'gateway-api', 'apisix', 'api7', 'deployment'] as const

/** Whether the requests of a routing API all come by one gateway, so that a host needs none beside it. */
export const hasOneGateway = (name: string): boolean => name === 'apisix' || name === 'api7'

/** The routing API that a person chose; undefined where none was. Throws `usage` for another word. */
export function routingApiOf(text: string | undefined): string | undefined {
  if (text === undefined || routingApis.some(name => name === text)) return text
  throw new CanaryError('usage', `--provider ${text} is not a routing API`, {
    hints: [`Use one of ${routingApis.join(', ')}.`],
  })
}

/** Those of some routing APIs that a person chose; all where none was. */
export const chosenOf = <T extends { readonly name: string; readonly whenChosen?: object }>(
  apis: readonly T[],
  chosen: string | undefined,
): readonly T[] =>
  chosen === undefined
    ? apis
    : apis
        .filter(({ name }) => name === chosen)
        .map(api => (api.whenChosen === undefined ? api : { ...api, ...api.whenChosen }))
