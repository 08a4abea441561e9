import Events
import Foundation
import Inference
import Kernels
import Reports
import Transformer

/// One row of the result; names as in llama-bench, with the median and the kernels added.
package struct BenchRow: Codable {
  var buildCommit: String
  var cpuInfo: String
  var modelFilename: String
  var modelType: String
  var modelSize: Int
  var modelNParams: Int
  var nThreads: Int
  var simd: String
  var nPrompt: Int
  var nGen: Int
  var nDepth: Int
  var test: String
  var testTime: String
  var avgNs: Double
  var stddevNs: Double
  var avgTs: Double
  var stddevTs: Double
  var medianTs: Double
  var samplesNs: [Double]
  var samplesTs: [Double]
  /// Multiply-accumulates and bytes of weights in a second of the median test.
  var macsPerSecond: Double
  var bytesPerSecond: Double

  /// The row of a result.
  init(_ result: SpeedBenchmark.Result, model: LoadedModel, version: String) {
    buildCommit = version
    cpuInfo = Host.processor
    modelFilename = model.card.file
    modelType = "\(model.card.arch) \(model.card.fileType)"
    modelSize = model.card.sizeBytes
    modelNParams = model.card.nParams
    nThreads = model.pool.count
    simd = model.kernels.description
    nPrompt = result.test.promptCount
    nGen = result.test.generatedCount
    nDepth = result.test.depth
    test = result.test.name
    testTime = Date().formatted(.iso8601)
    samplesNs = result.samples
    samplesTs = result.rates
    avgNs = samplesNs.mean
    stddevNs = samplesNs.standardDeviation
    avgTs = samplesTs.mean
    stddevTs = samplesTs.standardDeviation
    medianTs = samplesTs.median
    let time = max(1, samplesNs.median)
    macsPerSecond = Double(result.work.macs) * 1e9 / time
    bytesPerSecond = Double(result.work.bytes) * 1e9 / time
  }
}
