extension BasePass {
  /// The rows with a loss of all texts, by what each text calls its own.
  func targets(_ own: [[LossTarget]]) -> [LossTarget] {
    zip(own, rows).flatMap { targets, rows in
      targets.map { target in
        var target = target
        target.row += rows.lowerBound
        return target
      }
    }
  }
}

extension Array {
  /// The elements in order, as many together as have no more than `rows` rows; one with more stands alone.
  func packed(rows: Int, _ count: (Element) -> Int) -> [[Element]] {
    var packs: [[Element]] = []
    var room = 0
    for element in self {
      let count = count(element)
      if count > room {
        packs.append([])
        room = rows
      }
      packs[packs.count - 1].append(element)
      room -= count
    }
    return packs
  }
}
