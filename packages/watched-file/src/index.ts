/**
 * The content of a file that stays up to date while it is in use.
 *
 * @module
 */
export {
  FolderWatcher,
  type FolderWatcherEvents,
  type WatchedFolders,
} from './folder-watcher.ts'
export { type FileScope, openWatchedFile } from './open-watched-file.ts'
export { linksOf } from './path-links.ts'
export { WatchedFile, type WatchedFileOptions } from './watched-file.ts'
