import CKernels
import Kernels

/// Attention over one split of positions, for the heads that share keys and values.
struct SplitResult: Sendable, BitwiseCopyable {
  /// Positions that are attended to at once. Splits begin at multiples of it and are merged in
  /// order, so the result depends neither on who computed them nor on what else was in the pass.
  static let length = 256

  /// Maxima [group], sums [group], unnormalised outputs [group, stride].
  nonisolated(unsafe) let base: UnsafeMutablePointer<Float>
  let group: Int
  let size: Int

  var maxima: UnsafeMutablePointer<Float> { base }
  var sums: UnsafeMutablePointer<Float> { base + group }
  var outputs: UnsafeMutablePointer<Float> { base + 2 * group }

  /// Becomes the same as `other`.
  func copy(_ other: SplitResult) { base.update(from: other.base, count: size) }

  /// Writes the maxima and the sums, [2 · group].
  func copyTotals(to totals: UnsafeMutablePointer<Float>) {
    totals.update(from: base, count: 2 * group)
  }

  /// Takes in the next split.
  func merge(_ next: SplitResult, kernels: KernelSet, headWidth: Int) {
    ck_merge(
      kernels.pointer, Int32(group), Int32(headWidth), maxima, sums, outputs, next.maxima,
      next.sums, next.outputs)
  }

  /// What was attended to, [group, headWidth].
  func finish(
    kernels: KernelSet, headWidth: Int, into out: UnsafeMutablePointer<Float>
  ) {
    ck_finish(kernels.pointer, Int32(group), Int32(headWidth), sums, outputs, out)
  }
}

extension SplitResult {
  /// The part of one head.
  func head(_ index: Int) -> HeadResult {
    HeadResult(
      maximum: maxima + index, sum: sums + index, output: outputs + index * (size / group - 2))
  }
}

/// Attention of one head: a part of a `SplitResult`.
struct HeadResult: Sendable, BitwiseCopyable {
  nonisolated(unsafe) let maximum: UnsafeMutablePointer<Float>
  nonisolated(unsafe) let sum: UnsafeMutablePointer<Float>
  nonisolated(unsafe) let output: UnsafeMutablePointer<Float>

  /// Takes in more positions.
  func merge(_ next: HeadResult, kernels: KernelSet, headWidth: Int) {
    ck_merge(
      kernels.pointer, 1, Int32(headWidth), maximum, sum, output, next.maximum, next.sum,
      next.output)
  }
}

/// Several results.
struct SplitResults: Sendable, BitwiseCopyable {
  private let first: SplitResult

  init(blueprint: Blueprint, count: Int, in arena: Arena) {
    let group = blueprint.groupSize
    let size = group * (blueprint.headStride + 2)
    first = SplitResult(
      base: arena.take(size * count, of: Float.self), group: group, size: size)
  }

  subscript(index: Int) -> SplitResult {
    SplitResult(
      base: first.base + index * first.size, group: first.group, size: first.size)
  }
}

extension Blueprint {
  /// The width of a head in whole vectors.
  var headStride: Int { (headWidth + 15) / 16 * 16 }
}
