import type { MicroResult } from './micro.ts'
import { benchRouteLookup } from './route-lookup.ts'

export async function runMicro(_say: (line: string) => void): Promise<readonly MicroResult[]> {
  await benchRouteLookup()
  return []
}
