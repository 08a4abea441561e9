import Chat
import Dials
import Events
import Techniques
import Testing

/// The command line that gives an answer again.
struct ReproLineTests {
  private func line(
    _ model: ModelReference = ModelReference(), prompt: String = "x",
    _ change: (inout ChatSettings) -> Void = { _ in }
  ) -> String {
    var settings = ChatSettings()
    change(&settings)
    return settings.reproLine(model: model, prompt: prompt)
  }

  @Test func `a setting at its default is left out, but for what draws the tokens`() {
    #expect(line() == "fathom run --temp 0.0 --seed 42 -p x")
  }

  @Test func `what was chosen is in it, in the words in which it was`() {
    let model = ModelReference(
      model: "m.gguf", adapter: "a.gguf", draftHead: "d.gguf", contextLength: 64)
    let line = line(model) {
      $0.system = "Be brief."
      $0.isRaw = true
      ($0.tokenLimit, $0.circleLimit) = (9, 20)
      $0.sampler = SessionRecord.Sampler(
        temperature: 1, topK: 3, topP: 0.5, minP: 0, repeatPenalty: 1.5, repeatLastN: 8, seed: 7)
      $0.exit = Worded(.fixed(depth: 2), words: "FIXED 2")
      $0.mode = .approximate
      $0.shortHead = 0.5
      $0.fill = .propagate
      $0.draft = Worded(DraftSetting(DraftSetting.auto.sources, limit: 7), words: "7")
      $0.pruned = Worded(BlockSet(indices: [1, 2]), words: "1,2")
      $0.reach = ReachSetting(.lambda, window: 24, sinks: 2)
    }
    #expect(
      line
        == "fathom run -m m.gguf --adapter a.gguf --draft-head d.gguf -c 64 -sys 'Be brief.' --raw "
        + "-n 9 --circle-limit 20 --temp 1.0 "
        + "--top-k 3 --top-p 0.5 --min-p 0.0 --repeat-penalty 1.5 --repeat-last-n 8 --seed 7 "
        + "--exit-policy 'FIXED 2' --mode approximate --short-head 0.5 --fill propagate --draft 7 "
        + "--prune-blocks 1,2 --window 'lambda 24 sinks 2' -p x")
  }

  @Test(arguments: [
    ("plain-1_.txt", "plain-1_.txt"), ("", "''"), ("two words", "'two words'"),
    ("it's", "'it'\\''s'"), ("$HOME `ls` \\", "'$HOME `ls` \\'"), ("a\nb", "'a\nb'"),
    ("猫", "猫"),
  ])
  func `a shell takes the prompt as it was`(prompt: String, quoted: String) {
    #expect(line(prompt: prompt).hasSuffix("-p \(quoted)"))
  }
}
