import Foundation
import Synchronization

#if canImport(Accelerate)
  import Accelerate
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Products of float matrices by the machine's BLAS: Accelerate on macOS, OpenBLAS elsewhere.
///
/// OpenBLAS is loaded when training begins, and only then: nothing else of the program needs it.
/// Every product runs on the thread that asks for it, and each thread has its own products. So a
/// result does not depend on how many threads there are.
package struct BLAS: Sendable {
  /// How the library calls the kernels that it chose, as `SkylakeX`.
  package let core: String

  /// cblas_sgemm: order, two transpositions, m, n, k, α, A, its row length, B, its, β, C, its.
  private typealias Product =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32,
      UnsafePointer<Float>, Int32, Float, UnsafeMutablePointer<Float>, Int32
    ) -> Void

  private let product: Product

  /// The library of this process, loaded at the first call.
  package static func shared() throws(TrainingError) -> BLAS { try loaded.get() }

  private static let loaded = Result { () throws(TrainingError) in try BLAS() }

  /// `y = factor · a · b`, or `y += …`; a is [n, k], b is [k, m], y is [n, m].
  func multiply(_ a: Matrix, by b: Matrix, factor: Float = 1, adding: Bool = false, into y: Matrix)
  {
    multiply(a, false, b, false, inner: a.columns, factor: factor, adding: adding, into: y)
  }

  /// `y = factor · a · bᵀ`, or `y += …`; a is [n, k], b is [m, k], y is [n, m].
  func multiply(
    _ a: Matrix, byTransposed b: Matrix, factor: Float = 1, adding: Bool = false, into y: Matrix
  ) {
    multiply(a, false, b, true, inner: a.columns, factor: factor, adding: adding, into: y)
  }

  /// `y = factor · aᵀ · b`, or `y += …`; a is [k, n], b is [k, m], y is [n, m].
  func multiply(
    transposed a: Matrix, by b: Matrix, factor: Float = 1, adding: Bool = false, into y: Matrix
  ) {
    multiply(a, true, b, false, inner: a.rows, factor: factor, adding: adding, into: y)
  }

  private func multiply(
    _ a: Matrix, _ transposesA: Bool, _ b: Matrix, _ transposesB: Bool, inner: Int, factor: Float,
    adding: Bool, into y: Matrix
  ) {
    precondition(
      (transposesA ? a.columns : a.rows) == y.rows
        && (transposesB ? b.rows : b.columns) == y.columns
        && (transposesB ? b.columns : b.rows) == inner, "the shapes of a product fit")
    guard y.count > 0 else { return }
    let (plain, transposed): (Int32, Int32) = (111, 112)
    product(
      101, transposesA ? transposed : plain, transposesB ? transposed : plain, Int32(y.rows),
      Int32(y.columns),
      Int32(inner), factor, a.base, Int32(a.stride), b.base, Int32(b.stride), adding ? 1 : 0,
      y.base,
      Int32(y.stride))
  }
}

#if canImport(Accelerate)
  extension BLAS {
    private init() throws(TrainingError) {
      core = "Accelerate"
      product = { order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc in
        cblas_sgemm(
          CBLAS_ORDER(UInt32(order)), CBLAS_TRANSPOSE(UInt32(ta)), CBLAS_TRANSPOSE(UInt32(tb)), m,
          n,
          k, alpha, a, lda, b, ldb, beta, c, ldc)
      }
    }
  }
#else
  extension BLAS {
    /// Loads OpenBLAS.
    ///
    /// Releases as old as Debian 12's know a processor by its model's number, and take a new or a
    /// virtual one for an older: half the speed or less. So the processor's own flags choose the
    /// kernels, by the variable that OpenBLAS reads while it loads, also where that has a value: it is
    /// set for whole machines, to have other programs repeat old numbers. `FATHOM_BLAS=Haswell`
    /// chooses by hand.
    private init() throws(TrainingError) {
      let chosen = ProcessInfo.processInfo.environment["FATHOM_BLAS"].flatMap {
        $0.isEmpty ? nil : $0
      }
      if let core = chosen ?? Self.core(forFlags: Self.processorFlags) {
        setenv("OPENBLAS_CORETYPE", core, 1)
      }
      guard let library = Self.names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first,
        let product = dlsym(library, "cblas_sgemm")
      else {
        throw TrainingError(
          .noBLAS, at: "libopenblas",
          "training needs OpenBLAS, which is not here. On Debian and Ubuntu: "
            + "apt-get install libopenblas0")
      }
      self.product = unsafeBitCast(product, to: Product.self)
      if let setThreads = dlsym(library, "openblas_set_num_threads") {
        unsafeBitCast(setThreads, to: (@convention(c) (Int32) -> Void).self)(1)
      }
      typealias Name = @convention(c) () -> UnsafePointer<CChar>?
      core =
        dlsym(library, "openblas_get_corename").flatMap { unsafeBitCast($0, to: Name.self)() }
        .map { String(cString: $0) } ?? "unknown"
    }

    private static let names = ["libopenblas.so.0", "libopenblas.so"]

    /// The kernels for a processor with these flags, as /proc/cpuinfo writes them; nil leaves the
    /// choice to the library.
    package static func core(forFlags flags: Set<String>) -> String? {
      if flags.isSuperset(of: ["avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"]) {
        return "SkylakeX"
      }
      return flags.isSuperset(of: ["avx2", "fma"]) ? "Haswell" : nil
    }

    /// What the processor says that it can do; nothing where that is not written in /proc.
    package static var processorFlags: Set<String> {
      let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      let line = text.split(separator: "\n").first { $0.hasPrefix("flags") }
      return Set(line?.split(separator: " ").map(String.init) ?? [])
    }
  }
#endif
