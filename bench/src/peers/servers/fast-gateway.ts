import fastGateway from 'fast-gateway'
import { readAddresses } from './addresses.ts'

const { port, host, upstream } = readAddresses()
const service = fastGateway({ routes: [{ prefix: '', target: upstream }] })
await service.start(port, host)
