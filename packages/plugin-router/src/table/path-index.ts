import type { PathKey } from '../rule/bound.ts'
import type { Candidate, CandidateMerge } from './candidates.ts'

/** A place in the tree: what is known once the path has led here. */
interface Node {
  /** What the path must go on with to get here from the parent. */
  edge: string
  /** By first character of their edges. */
  children: Map<number, Node> | undefined
  /** Candidates for every path that gets here, best first. */
  prefixes: Candidate[] | undefined
  /** Candidates for the path that ends here, best first. */
  exact: Candidate[] | undefined
}

/**
 * Finds the candidates of a path in one walk over it: a tree of the literals of `Path` and
 * `PathPrefix`, in which common beginnings are shared. Candidates without a path stand at its root.
 */
export class PathIndex {
  readonly #root: Node = newNode('')

  /**
   * Candidates must be added best first.
   * @param paths `undefined` if the candidate takes any path.
   */
  add(candidate: Candidate, paths: readonly PathKey[] | undefined): void {
    if (paths === undefined) return push(this.#root, true, candidate)
    for (const { path, prefix } of paths) push(this.#nodeAt(path), prefix, candidate)
  }

  /** Gives every list of candidates that the path leads to. Does not allocate. */
  collect(path: string, merge: CandidateMerge): void {
    let node = this.#root
    let at = 0
    for (;;) {
      if (node.prefixes !== undefined) merge.add(node.prefixes)
      if (at === path.length) break
      const child = node.children?.get(path.charCodeAt(at))
      if (child === undefined || !path.startsWith(child.edge, at)) return
      at += child.edge.length
      node = child
    }
    if (node.exact !== undefined) merge.add(node.exact)
  }

  /** The node of a literal, made if need be. */
  #nodeAt(path: string): Node {
    let node = this.#root
    let at = 0
    while (at < path.length) {
      node.children ??= new Map()
      const first = path.charCodeAt(at)
      const child = node.children.get(first)
      if (child === undefined) {
        const leaf = newNode(path.slice(at))
        node.children.set(first, leaf)
        return leaf
      }
      const shared = commonLength(child.edge, path, at)
      node = shared === child.edge.length ? child : split(node.children, child, shared)
      at += shared
    }
    return node
  }
}

function newNode(edge: string): Node {
  return { edge, children: undefined, prefixes: undefined, exact: undefined }
}

function push(node: Node, prefix: boolean, candidate: Candidate): void {
  if (prefix) (node.prefixes ??= []).push(candidate)
  else (node.exact ??= []).push(candidate)
}

/** Puts a node between a child and its parent, after the first characters of the child's edge. */
function split(siblings: Map<number, Node>, child: Node, length: number): Node {
  const middle = newNode(child.edge.slice(0, length))
  siblings.set(child.edge.charCodeAt(0), middle)
  child.edge = child.edge.slice(length)
  middle.children = new Map([[child.edge.charCodeAt(0), child]])
  return middle
}

function commonLength(edge: string, path: string, at: number): number {
  const limit = Math.min(edge.length, path.length - at)
  let length = 0
  while (length < limit && edge.charCodeAt(length) === path.charCodeAt(at + length)) length++
  return length
}
