import Kernels
import TestSupport
import Testing
import Training

#if !canImport(Accelerate)
  struct BLASTests {
    @Test func `the kernels are chosen by what the processor can do, not by its name`() {
      let wide: Set = ["avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl", "avx2", "fma"]
      #expect(BLAS.core(forFlags: wide) == "SkylakeX")
      #expect(BLAS.core(forFlags: wide.subtracting(["avx512bw"])) == "Haswell")
      #expect(BLAS.core(forFlags: ["sse4_2", "avx"]) == nil)
      #expect(BLAS.core(forFlags: []) == nil)
    }

    @Test func `the library that is loaded uses the widest vectors there are`() throws {
      let core = try BLAS.shared().core.lowercased()
      let narrow = ["prescott", "nehalem", "sandybridge", "haswell", "zen", "core2", "generic"]
      if BLAS.core(forFlags: BLAS.processorFlags) == "SkylakeX" {
        #expect(!narrow.contains(core))
      } else if BLAS.core(forFlags: BLAS.processorFlags) == "Haswell" {
        #expect(["haswell", "zen"].contains(core))
      }
    }
  }
#endif
