/**
 * The content of a file that stays up to date while it is in use.
 *
 * @module
 */
export { openWatchedFile, WatchedFile, type WatchedFileOptions } from './watched-file.ts'
