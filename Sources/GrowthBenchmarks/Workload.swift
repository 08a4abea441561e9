/// Work on an input whose size can be chosen.
struct Workload {
  /// What is done, and to what.
  let name: String
  /// What the sizes count.
  let unit: String
  /// The sizes, each double the one before.
  let sizes: [Int]
  /// Makes an input of a size, and gives the work on it. What the work returns stays until its memory is
  /// counted.
  let prepare: (_ size: Int) throws -> () throws -> Any

  /// Work on sizes up to `largest`, in four steps.
  init(
    _ name: String, _ unit: String, upTo largest: Int,
    prepare: @escaping (_ size: Int) throws -> () throws -> Any
  ) {
    (self.name, self.unit, self.prepare) = (name, unit, prepare)
    sizes = [largest / 8, largest / 4, largest / 2, largest]
  }
}
