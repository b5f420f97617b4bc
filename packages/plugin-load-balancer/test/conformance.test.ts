import { describeBalancer } from '@gatewright/testing/conformance'
import { leastConnections, random, randomTwoChoices, roundRobin, weighted } from '../src/index.ts'

describeBalancer(roundRobin)
describeBalancer(weighted)
describeBalancer(leastConnections)
describeBalancer(random)
describeBalancer(randomTwoChoices)
