import Events
import Foundation

/// Records of a session of any length: what a chat with the default model writes.
struct LongSession {
  private let session: Record
  private let token: TokenRecord
  private let probe: ProbeRecord
  private let end: EndRecord

  /// Reads the templates.
  init() throws {
    let lines = Data(Self.templates.utf8)
    var found = try EventLog.records(in: lines)[...]
    guard let session = found.popFirst(), case .token(let token)? = found.popFirst(),
      case .probe(let probe)? = found.popFirst(), case .end(let end)? = found.popFirst()
    else { throw CocoaError(.coderReadCorrupt) }
    (self.session, self.token, self.probe, self.end) = (session, token, probe, end)
  }

  /// `count` records: answers of `length` tokens each, every token with its probe where `isProbed`.
  func records(_ count: Int, length: Int, isProbed: Bool = true) -> [Record] {
    var records = [session]
    records.reserveCapacity(count)
    var answer = 0
    while records.count < count {
      let turn = answer * 2
      answer += 1
      records.append(.turn(TurnRecord(turn: turn, role: .user, text: "Go on.", tNs: 0)))
      records.append(
        .turn(TurnRecord(turn: turn + 1, role: .assistant, text: "", answer: answer, tNs: 0)))
      let left = max(1, min(length, (count - records.count) / (isProbed ? 2 : 1)))
      for place in 0..<left { records.append(token(place, turn: turn + 1, answer: answer)) }
      var end = end
      (end.turn, end.answer) = (turn + 1, answer)
      records.append(.end(end))
      guard isProbed else { continue }
      for place in 0..<left {
        var probe = probe
        (probe.turn, probe.answer, probe.i) = (turn + 1, answer, place)
        records.append(.probe(probe))
      }
    }
    return records
  }

  /// The token at a place of an answer.
  func token(_ place: Int, turn: Int, answer: Int, text: String? = nil) -> Record {
    var token = token
    (token.turn, token.answer, token.i) = (turn, answer, place)
    token.tNs = place * 1000
    let text = text ?? (place % 40 == 39 ? ".\n" : " word\(place % 7)")
    (token.token, token.bytes) = (text, Array(text.utf8))
    return .token(token)
  }

  private static let templates =
    #"""
    {"ctx_size":8192,"host":{"cpu":"AMD EPYC","os":"linux","simd":"avx2","threads":2},"id":"A","macs":{"attn_per_pos":1152,"block":3538944,"head":28311552},"model":{"arch":"llama","ctx_train":8192,"file":"model.gguf","file_type":"Q4_1","n_embd":576,"n_head":9,"n_head_kv":3,"n_layer":30,"n_params":134515008,"n_vocab":49152,"name":"model","size_bytes":98362432},"policy":{"draft":{"sources":["exit","ngram","recycle","trigram","lookahead","jacobi"]},"draft_length":4,"exit":{"off":{}},"fill":"catch-up","mode":"identical","pruned":[],"reach":{"technique":"full"}},"sampler":{"min_p":0.05,"repeat_last_n":64,"repeat_penalty":1,"seed":42,"temperature":0,"top_k":40,"top_p":0.9},"started":"2026-11-30T13:47:18Z","tool":{"name":"fathom","version":"0.1.0"},"type":"session","v":1}
    {"answer":1,"bytes":[39,109],"cost":{"bytes":{"blocks":66355200,"fill":0,"full":96436224,"head":19962132,"probes":0},"bytes_read":86317332,"macs":136031040,"macs_full":135654912},"depth":"##############################","entropy":1.3441916,"exit":{"layers":30,"probes":0,"readouts":[],"reason":"full"},"i":1,"id":5248,"kv":{"bytes":403920,"filled":0,"used":34},"logprob":-0.30256653,"margin":0.6857767,"phase":"gen","pos":34,"rank":0,"special":false,"t_ns":178152277,"time":{"blocks":14282,"fill":0,"head":1023,"plain":15551,"probes":0,"sample":157,"total":15901},"token":"'m","top_logprobs":[{"id":5248,"logprob":-0.30256653,"token":"'m"},{"id":6737,"logprob":-2.9347801,"token":"'d"},{"id":744,"logprob":-3.065956,"token":" am"},{"id":416,"logprob":-3.3302803,"token":" can"},{"id":3060,"logprob":-3.3958588,"token":"'ll"}],"turn":1,"type":"token","v":1}
    {"agree":true,"answer":1,"i":0,"layers":[{"id":57,"l":29,"p":0.5,"token":"I"},{"id":57,"l":30,"p":0.7,"token":"I"}],"lens":"raw","pos":33,"settled":29,"turn":1,"type":"probe","v":1}
    {"answer":1,"reason":"stop","t_ns":205543027,"timings":{"cache_n":0,"draft_n":0,"draft_n_accepted":0,"predicted_ms":45.961556,"predicted_n":3,"prompt_ms":143.853316,"prompt_n":33},"turn":1,"type":"end","v":1}
    """#
}
