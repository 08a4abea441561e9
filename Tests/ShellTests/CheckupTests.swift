import Shell
import Testing

struct CheckupTests {
  @Test func `a finding that needs something says what, and the last line counts them`() {
    var checkup = Checkup()
    checkup.ok("one", "fine")
    #expect(
      checkup.isSound && checkup.lines == ["ok    one  fine", "", "everything is as it should be"])
    checkup.warn("second", "not so fine", "Do this")
    #expect(checkup.isSound)
    checkup.fail("third", "bad", "Do that")
    #expect(!checkup.isSound)
    #expect(
      checkup.lines == [
        "ok    one     fine", "warn  second  not so fine", "              > Do this",
        "fail  third   bad", "              > Do that", "",
        "1 that will not work, 1 that could be better",
      ])
  }
}
