/**
 * All first-party plugins, loaded when a configuration names one of their types, and the plugins
 * that a configuration lists by itself.
 *
 * @module
 */
export { loadAll } from './first-party.ts'
export { createLoader, type LoaderOptions } from './loader.ts'
