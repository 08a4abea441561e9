import Kernels

extension KeyValueCache {
  /// Copies a position to a slot of the tiles that are seen from far away, its keys turned back by the
  /// angles given, [rotation, pair] each. The scratch has room for a key and for a value.
  func remember(
    _ position: Int, at slot: Int,
    unturnedBy angles: (cosines: UnsafeMutablePointer<Float>, sines: UnsafeMutablePointer<Float>),
    _ blueprint: Blueprint, _ kernels: KernelSet,
    scratch: (key: UnsafeMutablePointer<Float>, value: UnsafeMutablePointer<Float>)
  ) {
    for block in 0..<blueprint.blockCount {
      let first = blueprint.forms[block].rotation * (blueprint.rotatedWidth / 2)
      for head in 0..<blueprint.keyValueHeadCount {
        tiles.load(
          kernels, block: block, head: head, slot: position, key: scratch.key,
          value: scratch.value)
        kernels.rotate(
          scratch.key, heads: 1, width: blueprint.headWidth, rotated: blueprint.rotatedWidth,
          cosines: angles.cosines + first, sines: angles.sines + first)
        sinkTiles.store(
          kernels, block: block, head: head, slot: slot, key: scratch.key, value: scratch.value)
      }
    }
  }
}
