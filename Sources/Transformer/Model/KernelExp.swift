import CKernels

/// The exponential that every kernel uses.
func kernelExp(_ x: Float) -> Float { ck_exp(x) }
