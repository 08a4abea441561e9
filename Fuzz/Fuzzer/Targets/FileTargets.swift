import Dials
import Evaluation
import Foundation
import Pruning
import Techniques

@testable import Corpus
@testable import Screen

extension FuzzTarget {
  /// A certificate: its settings are dials that a model can have, or errors.
  static let certificate = FuzzTarget(
    name: "certificate", isJSON: true, seeds: { [Array(certificateSeed.utf8)] },
    run: { bytes in
      guard let certificate = try? ExitCertificate(path: Scratch.file(bytes)) else { return }
      _ = certificate.differences(model: "a", adapter: nil, sampler: "c")
      for setting in certificate.presets.values {
        for blockCount in [1, 30] {
          guard let dials = try? setting.dials(blockCount: blockCount) else { continue }
          claim((try? dials.validate(blockCount: blockCount)) != nil, "\(dials) is valid")
        }
      }
      guard let data = try? certificate.json(),
        let again = try? ExitCertificate(path: Scratch.file(data))
      else { return }
      claim(again == certificate, "a certificate comes back from its file")
    })

  private static let certificateSeed = """
    {"adapter":{"name":"a.gguf","sha256":"bb"},"data":[{"name":"d.jsonl","sha256":"dd"}],
    "data_note":"notes","model":{"name":"m.gguf","sha256":"aa"},
    "presets":{"balanced":{"agreement":0.97,"agreement_interval":[0.96,0.98],
    "exit":"top1 0.8 at 3","exits":{"3":0.5,"30":0.5},"fill":"catch-up","mean_blocks":17.5,"p":0.01,
    "relative_bytes":0.8,"risk":0.05,"short_head":0.7,"upper_bound":0.04}},
    "sampler":{"name":"greedy","sha256":"cc"},"test":{"choosing_n":10,"confidence":0.95,
    "effect":1.5,"followed":1,"seed":3,"testing_n":11,"token_n":900,"unit":"tokens"},
    "type":"fathom.exits.certificate","v":1}
    """

  /// What `fathom prune` found: any number of its blocks is a set of the model's, with a table.
  static let manifest = FuzzTarget(
    name: "manifest", isJSON: true, seeds: { [Array(manifestSeed.utf8)] },
    run: { bytes in
      let path = Scratch.file(bytes)
      guard let manifest = try? PruningManifest(path: path) else { return }
      for count in [nil, -1, 0, 1, manifest.steps.count, Int.max] {
        guard let blocks = try? manifest.blocks(count) else { continue }
        claim(
          (try? blocks.validate(blockCount: manifest.model.blockCount, typed: "")) != nil,
          "\(blocks) are blocks of the model")
      }
      _ = manifest.lines(count: 3)
      _ = manifest.continues(manifest)
      guard (try? manifest.write(to: path)) != nil else { return }
      claim((try? PruningManifest(path: path)) == manifest, "a manifest comes back from its file")
    })

  private static let manifestSeed = """
    {"calibration":{"seed":0,"sequence_length":64,"sha256":"cd","sources":[{"name":"a","sequences":[0,3]}]},
    "dense_losses":[10,11.5],"method":"sleb","model":{"block_count":30,"file":"m.gguf","sha256":"ab"},
    "scored_count":126,"seed":3,"steps":[{"block":5,"costs":{"5":0.5,"6":1},"loss":0.17,
    "sequence_losses":[10,12]},{"block":12,"costs":{},"loss":0.2,"sequence_losses":[12,13]}],
    "type":"fathom.pruning","v":1}
    """

  /// A person's theme: colours for every depth, or an error with its place.
  static let theme = FuzzTarget(
    name: "theme", greatestLength: 512,
    seeds: {
      let own =
        "base = 'mono'\ndescription = \"mine \\u00e9\"\n[styles]\nran = \"#123456 underline bold\"\n"
        + "styles.\"input\" = 'dim' # said\namounts = [\"#000000\", 'bold',\n \"#ffffff reverse\"]\n"
      return [Array(own.utf8), Array("styles.ran = 7\nx = [[['a']], {}]\n".utf8)]
    },
    run: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      guard
        let theme = try? ThemeFile.theme(
          named: "own", from: text, file: "own.toml",
          base: { name throws(ScreenError) in Theme(name: name ?? "dark") })
      else { return }
      for depth in [ColorDepth.none, .eight, .sixteen, .many] {
        let palette = theme.palette(at: depth)
        for role in Role.allCases {
          claim(
            (0..<256).contains(palette[role].color ?? 0), "\(role) has a colour of the terminal")
        }
      }
      if bytes.count % 8 == 0 { _ = draw(ScreenState()).svg(theme: theme) }
    })

  /// A file of rows: what is kept can be asked, and what is not says why.
  static let data = FuzzTarget(
    name: "data", isJSON: true,
    seeds: {
      let lines = [
        #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#,
        #"{"question_id":1,"category":"qa","turns":["a","b"],"temperature":0.5}"#,
        #"{"instruction":"a","input":"b","output":"c"}"#, #"{"text":"日"}"#,
        #"{"instances":[{"input":"a","output":"b"}],"instruction":"c"}"#,
      ]
      return [
        Array(lines.joined(separator: "\n").utf8), Array("[\(lines.joined(separator: ","))]".utf8),
        Array("plain\n".utf8),
      ]
    },
    run: { bytes in
      guard let file = try? DataFile(path: "rows.jsonl", data: Data(bytes)) else { return }
      claim(!file.rows.isEmpty, "a file that can be read has rows")
      for row in file.rows { _ = row.prompt }
      for skipped in file.skipped {
        claim(
          skipped.line >= 1 && !skipped.reason.isEmpty, "a row that is left out says where and why")
      }
    })

  /// A packed file. Each input starts a program, so there are a few hundred a second and no more.
  static let packed = FuzzTarget(
    name: "packed", greatestLength: 512,
    seeds: {
      // A text by gzip and by xz.
      [
        [
          0, 31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 76, 74, 230, 2, 0, 78, 129, 136, 71, 4, 0, 0, 0,
        ],
        [
          1, 253, 55, 122, 88, 90, 0, 0, 4, 230, 214, 180, 70, 2, 0, 33, 1, 22, 0, 0, 0, 116, 47,
          229, 163, 1, 0, 3, 97, 98, 99, 10, 0, 135, 105, 45, 143, 57, 51, 233, 219, 0, 1, 28, 4,
          111, 44, 156, 193, 31, 182, 243, 125, 1, 0, 0, 0, 0, 4, 89, 90,
        ],
      ]
    },
    run: { bytes in
      var decisions = Decisions(bytes)
      let path = Scratch.file(decisions.rest, ending: decisions.byte() % 2 == 0 ? "gz" : "xz")
      let done = DispatchSemaphore(value: 0)
      Task {
        _ = try? await PackedFile.contents(of: path)
        done.signal()
      }
      done.wait()
    })
}
