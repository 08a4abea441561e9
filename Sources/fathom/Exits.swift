import ArgumentParser
import Corpus
import Dials
import Evaluation
import Foundation
import GGUF
import Inference
import Models
import Pruning
import Reports
import Screen
import Sessions
import Tokenization
import Training

/// What a command's end tells the shell, after sysexits.h. Wrong usage is 64, which ArgumentParser gives itself.
extension ExitCode {
  /// A check failed: what was written is not what it should be.
  static let checkFailed = ExitCode(3)
  /// The input is damaged, or is something else than it should be.
  static let badData = ExitCode(65)
  /// The input is not there.
  static let missingInput = ExitCode(66)
  /// A program, the network or a model cannot be had.
  static let unavailable = ExitCode(69)
  /// A file or folder cannot be created.
  static let cannotCreate = ExitCode(73)
  /// Writing failed on the way.
  static let cannotWrite = ExitCode(74)
  /// Stopped by the user, as a shell counts SIGINT.
  static let interrupted = ExitCode(130)

  /// The code for an error of any room; 1 for one that no room has named.
  init(for error: any Error) {
    self =
      switch error {
      case let error as GGUFError: Self(error.code)
      case let error as ModelsError: Self(error.code)
      case is TokenizationError: .badData
      case let error as CorpusError: error.code == .unreadable ? .missingInput : .badData
      case let error as EvaluationError: Self(error.code)
      case let error as TrainingError: Self(error.code)
      case let error as EngineError: Self(error.code)
      case let error as PruningError: Self(error.code)
      case is DialError: .validationFailure
      case is CancellationError: .interrupted
      default: .failure
      }
  }

  private init(_ code: GGUFError.Code) {
    self =
      switch code {
      case .missingFile, .cannotOpen: .missingInput
      case .cannotWrite: .cannotCreate
      default: .badData
      }
  }

  private init(_ code: TrainingError.Code) {
    self =
      switch code {
      case .emptyData, .badAdapter, .wrongBase, .wrongCheckpoint: .badData
      case .noBLAS: .unavailable
      case .badSetting: .validationFailure
      case .cannotWrite: .cannotWrite
      case .diverged: .failure
      }
  }

  private init(_ code: EvaluationError.Code) {
    self = code == .missingFile ? .missingInput : .badData
  }

  private init(_ code: EngineError.Code) {
    self =
      switch code {
      case .missingFile: .missingInput
      case .badModel: .badData
      case .badSetting, .promptTooLong: .validationFailure
      }
  }

  private init(_ code: PruningError.Code) {
    self =
      switch code {
      case .cannotRead: .missingInput
      case .cannotWrite: .cannotCreate
      case .tooMany: .validationFailure
      case .tooShort, .badManifest, .otherModel, .unsupported: .badData
      }
  }

  private init(_ code: ModelsError.Code) {
    self =
      switch code {
      case .unknownModel: .validationFailure
      case .missingModel: .missingInput
      case .noPython, .noPip, .noNetwork, .downloadFailed, .damagedDownload: .unavailable
      case .cannotCreate: .cannotCreate
      case .cannotWrite: .cannotWrite
      case .interrupted: .interrupted
      }
  }
}

/// Runs a command's work. An error becomes one line on the error output and the exit code that fits; what ArgumentParser
/// itself throws passes through.
func reportingErrors<Result>(_ work: () async throws -> Result) async throws -> Result {
  do {
    return try await work()
  } catch let error where error is ExitCode || error is CleanExit || error is ValidationError {
    throw error
  } catch {
    printError("fathom: \(error)".visible)
    throw ExitCode(for: error)
  }
}

/// Prints a line on the error output.
func printError(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
