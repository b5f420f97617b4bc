import { type ReadmePage, readmesOf } from '../.vitepress/readmes.ts'

/** A page for each of them. */
const pages: { readonly paths: () => ReadmePage[] } = { paths: () => readmesOf('packages') }

export default pages
