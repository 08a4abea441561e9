// Kernels: to be filled.
