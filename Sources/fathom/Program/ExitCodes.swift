import ArgumentParser
import Chat
import Corpus
import Dials
import Evaluation
import Events
import Files
import GGUF
import Inference
import Models
import Pruning
import Reports
import Screen
import Sessions
import Shell
import Tokenization
import Training

/// What a command's end tells the shell, after sysexits.h. Wrong usage is 64, which ArgumentParser gives
/// itself.
extension ExitCode {
  /// A check failed: what was written is not what it should be.
  static let checkFailed = ExitCode(3)
  /// The input is damaged, or is something else than it should be.
  static let badData = ExitCode(65)
  /// The input is not there.
  static let missingInput = ExitCode(66)
  /// A program, the network or a model cannot be had.
  static let unavailable = ExitCode(69)
  /// The system does not give what is needed: memory, open files.
  static let lacking = ExitCode(71)
  /// A file or folder cannot be created.
  static let cannotCreate = ExitCode(73)
  /// Writing failed on the way.
  static let cannotWrite = ExitCode(74)
  /// A theme, the config file or a variable makes no sense.
  static let badConfiguration = ExitCode(78)
  /// Stopped by the user, as a shell counts SIGINT.
  static let interrupted = ExitCode(130)

  /// The code for an error of any room; 1 for one that no room has named.
  init(for error: any Error) {
    self =
      switch error {
      case let error as FileError:
        switch (error.access, error.code) {
        case (.reading, _): .missingInput
        case (.writing, .isInput): .validationFailure
        case (.writing, .full), (.writing, .noReader), (.writing, .system): .cannotWrite
        case (.writing, _): .cannotCreate
        }
      case let error as GGUFError:
        switch error.code {
        case .missingFile, .cannotOpen: .missingInput
        default: .badData
        }
      case let error as ModelsError: ExitCode(for: error.code)
      case let error as CorpusError: error.code == .unreadable ? .missingInput : .badData
      case let error as EvaluationError:
        switch error.code {
        case .missingFile: .missingInput
        case .badArgument: .validationFailure
        default: .badData
        }
      case let error as TrainingError:
        switch error.code {
        case .emptyData, .badAdapter, .wrongBase, .wrongCheckpoint: .badData
        case .noBLAS: .unavailable
        case .badSetting, .badArgument: .validationFailure
        case .cannotWrite: .cannotWrite
        case .diverged, .lostTask: .failure
        }
      case let error as EngineError:
        switch error.code {
        case .missingFile: .missingInput
        case .badModel: .badData
        case .noMemory: .lacking
        case .badSetting, .promptTooLong: .validationFailure
        }
      case let error as PruningError:
        switch error.code {
        case .cannotRead: .missingInput
        case .tooMany, .badArgument: .validationFailure
        case .tooShort, .badManifest, .otherModel, .unsupported: .badData
        }
      case let error as ScreenError: error.code == .theme ? .badConfiguration : .failure
      case let error as SessionError: ExitCode(for: error.code)
      case is SettingError: .badConfiguration
      case is TokenizationError, is EventLog.LineError: .badData
      case is DialError, is ChatError: .validationFailure
      case is CancellationError: .interrupted
      default: .failure
      }
  }

  private init(for code: SessionError.Code) {
    self =
      switch code {
      case .missing: .missingInput
      case .ambiguous, .isInput, .overtaken: .validationFailure
      case .corrupt, .newer: .badData
      case .full, .limit, .noReader, .system: .cannotWrite
      case .denied, .place, .exists: .cannotCreate
      case .busy: .unavailable
      }
  }

  private init(for code: ModelsError.Code) {
    self =
      switch code {
      case .unknownModel, .notOurs: .validationFailure
      case .missingModel: .missingInput
      case .noPython, .noPip, .noCurl, .noNetwork, .offline, .noAccess, .downloadFailed,
        .damagedDownload:
        .unavailable
      case .badSetting: .badConfiguration
      case .cannotCreate: .cannotCreate
      case .cannotWrite: .cannotWrite
      case .interrupted: .interrupted
      }
  }
}

/// Runs a command's work. An error becomes one line on the error output and the exit code that fits; what
/// ArgumentParser itself throws passes through, and an argument that a room refuses is wrong usage.
func reportingErrors<Result>(_ work: () async throws -> Result) async throws -> Result {
  do {
    return try await work()
  } catch let error where error is ExitCode || error is CleanExit || error is ValidationError {
    throw error
  } catch let error as EvaluationError where error.code == .badArgument {
    throw ValidationError(error.description)
  } catch let error as TrainingError where error.code == .badArgument {
    throw ValidationError(error.message)
  } catch let error as PruningError where error.code == .badArgument {
    throw ValidationError(error.description)
  } catch let error as FileError where error.isReaderGone {
    // As `head` does when it has seen enough: the one who left knows.
    throw ExitCode.cannotWrite
  } catch {
    printError("fathom: \(error)".visible)
    throw ExitCode(for: error)
  }
}
