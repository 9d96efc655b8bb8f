import { BlockList, isIP, isIPv6 } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/** Whether an address is one that API servers call from. */
export type IsKnownAddress = (address: string | undefined) => boolean

/** Whether a connection is one of an API server: by its client certificate, which was verified, or by its address. */
export type IsKnownCaller = (socket: Pick<TLSSocket, 'authorized' | 'remoteAddress'>) => boolean

export const knownCallers =
  (isKnownAddress: IsKnownAddress): IsKnownCaller =>
  ({ authorized, remoteAddress }) =>
    authorized || isKnownAddress(remoteAddress)

/**
 * Whether an address is within one of the ranges, as NetworkPolicies have them: `10.0.0.0/8!10.1.0.0/16,2001:db8::1` is
 * one with an exception and one address. Throws a CanaryError `usage` for what is no range.
 */
export function addressesIn(text: string): IsKnownAddress {
  const blocks = text.split(',').map(block => {
    const [range, ...exceptions] = block.split('!').map(part => part.trim())
    return { in: listOf([range!]), except: listOf(exceptions) }
  })
  return address =>
    address !== undefined
    && isIP(address) !== 0
    && blocks.some(block => has(block.in, address) && !has(block.except, address))
}

/** An IPv4 address on a socket of both families is written as IPv6, and found in ranges of IPv4. */
const has = (list: BlockList, address: string): boolean =>
  list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits, ...rest] = range.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    const most = family === 'ipv6' ? 128 : 32
    if (isIP(address) === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits ?? '0') || Number(bits ?? 0) > most)
      throw new CanaryError('usage', `${range}: neither an address nor a range such as 10.0.0.0/8`)
    list.addSubnet(address, bits === undefined ? most : Number(bits), family)
  }
  return list
}
