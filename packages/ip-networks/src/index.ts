/**
 * IP addresses as others write them, sets of networks, and what is known of networks.
 *
 * @module
 */
export { clientNetworkOf } from './client-network.ts'
export { IpAddress } from './ip-address.ts'
export { type Network, tryNetwork } from './network.ts'
export { NetworkMap } from './network-map.ts'
export { NetworkSet } from './network-set.ts'
export { plainAddress, tryForwardedAddress } from './written-address.ts'
