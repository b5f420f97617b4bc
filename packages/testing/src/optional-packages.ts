import { errors } from './errors.ts'

/** Loads a package that only some users of the kit need. Throws GW_TESTING_PACKAGE. */
export async function loadOptional<T>(name: string, what: string): Promise<T> {
  try {
    // The caller names the type of what it asks for.
    return (await import(name)) as T
  } catch (cause) {
    throw errors.GW_TESTING_PACKAGE({ what, name }, { cause })
  }
}
