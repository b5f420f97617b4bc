import type { MatcherFactory } from '@gatewright/kernel'
import { type Check, mustHold } from '../conformance/check.ts'
import { createTestGateway } from '../kit/create-test-gateway.ts'
import type { Component } from './component.ts'
import type { ComponentCases, PluginContract } from './plugin-contract.ts'
import type { Subject } from './subject.ts'

/** What a function of the rule language owes; its cases are lists of arguments. */
export function matcherChecks(
  { type, factory }: Component,
  { valid, invalid = [], requests = ['/'] }: ComponentCases,
  subject: Subject,
  contract: PluginContract,
): readonly Check[] {
  // It was registered as one.
  const { arity, kind } = factory as unknown as MatcherFactory
  const ask = async (args: readonly string[]): Promise<void> => {
    await using gw = await createTestGateway({
      plugins: [...(contract.plugins ?? []), subject.whole()],
      config: { ...contract.config, routers: { tested: routerOf(type, args) } },
    })
    for (const request of requests) {
      const { error } = await gw.inject(request)
      const isOwn = error === undefined || error.code === 'GW_NO_ROUTE'
      mustHold(isOwn, `asked about a request, it failed: ${error?.message}`)
    }
  }
  return [
    {
      name: 'has a type in UpperCamelCase',
      run: async () => mustHold(/^[A-Z][A-Za-z0-9]*$/.test(type), `type "${type}"`),
    },
    {
      name: 'takes a number of arguments that there can be',
      run: async () => {
        const [min, max] = arity
        mustHold(min >= 0 && max >= min, `it takes ${min} to ${max} arguments`)
      },
    },
    // Routers of streams have no request to ask about.
    ...(kind === 'stream' ? [] : (valid ?? [])).map((args) => ({
      name: `answers as ${ruleOf(type, textsOf(args))}`,
      run: () => ask(textsOf(args)),
    })),
    ...invalid.map((args) => ({
      name: `refuses ${ruleOf(type, textsOf(args))}`,
      run: async () => {
        const refused = await ask(textsOf(args)).then(
          () => false,
          () => true,
        )
        mustHold(refused, `${ruleOf(type, textsOf(args))} was accepted`)
      },
    })),
  ]
}

function routerOf(type: string, args: readonly string[]): Readonly<Record<string, unknown>> {
  return { rule: ruleOf(type, args), service: 'upstream' }
}

function ruleOf(type: string, args: readonly string[]): string {
  return `${type}(${args.map((arg) => `\`${arg}\``).join(', ')})`
}

function textsOf(args: unknown): readonly string[] {
  return Array.isArray(args) ? args.map(String) : [String(args)]
}
