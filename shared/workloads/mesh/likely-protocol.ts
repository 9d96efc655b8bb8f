import { fieldsOf, numberOf, textOf } from '../../objects/unchecked.ts'

/** Ports on which something else than HTTP is spoken, by convention. */
const rawPorts: ReadonlySet<number> = new Set([
  22, 25, 53, 389, 465, 587, 636, 1433, 1521, 1883, 2181, 2379, 2380, 3306, 4222, 5432, 5671, 5672, 6379,
  6380, 7000, 7001, 9042, 9092, 9093, 11211, 26379, 27017, 29092,
])
const rawName =
  /(?:^|-)(?:tcp|redis|mysql|mongo|mongodb|postgres|postgresql|pg|sql|db|amqp|kafka|mqtt|ldap|smtp|ssh|nats|gossip|raft|etcd|memcached|cassandra|cql|dns)(?:-|$)/
const grpcName = /(?:^|-)grpc(?:-|$)/
const tlsName = /(?:^|-)(?:https|tls|ssl)(?:-|$)/

/**
 * What a port without a declared protocol probably speaks, by its name and number, as a value of appProtocol. Only
 * its owner knows, so that the message says `probably`.
 */
export function likelyProtocol(servicePort: unknown): 'http' | 'grpc' | 'https' | 'tcp' {
  const { name, port, targetPort } = fieldsOf(servicePort)
  const said = `${textOf(name) ?? ''}-${textOf(targetPort) ?? ''}`.toLowerCase()
  if (grpcName.test(said)) return 'grpc'
  if (rawName.test(said)) return 'tcp'
  if (tlsName.test(said) || numberOf(port) === 443) return 'https'
  const numbers = [numberOf(port), numberOf(targetPort)]
  return numbers.some(number => number !== undefined && rawPorts.has(number)) ? 'tcp' : 'http'
}
