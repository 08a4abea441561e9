#include <stddef.h>
#include <stdint.h>

// libFuzzer's own main, in the compiler's run-time library: takes its flags from argv, calls `callback`
// with one input after another, and returns an exit code.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

// libFuzzer's own changes of an input, for who changes it in another way as well.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t limit);
