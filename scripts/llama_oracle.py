"""llama.cpp for the other scripts: the library in the wheel `xllamacpp` (2026.10.11549), which
exports llama.cpp's functions (b11549), by the declarations of `llama-cpp-py-sync` (0.11548).

Runs on the CPU with keys and values in float32, no flash attention and no repacked weights, so that
what it gives depends on nothing but the file and the tokens.
"""

import ctypes
import pathlib

import numpy as np
import xllamacpp
from llama_cpp_py_sync import _cffi_bindings

(LIBRARY,) = pathlib.Path(xllamacpp.__file__).parent.glob("xllamacpp*.so")
F32 = 0
F16 = 1


def ggml_quantize(array, kind):
    """The rows of a float32 matrix as blocks of a ggml type, by ggml itself."""
    library = ctypes.CDLL(str(LIBRARY))
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    library.ggml_quantize_chunk.argtypes = [
        ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64,
        ctypes.c_int64, ctypes.c_void_p]
    library.ggml_row_size.restype = ctypes.c_size_t
    library.ggml_row_size.argtypes = [ctypes.c_int, ctypes.c_int64]
    array = np.ascontiguousarray(array, dtype=np.float32)
    rows, columns = array.shape
    blocks = np.zeros((rows, library.ggml_row_size(kind, columns)), dtype=np.uint8)
    library.ggml_quantize_chunk(
        kind, array.ctypes.data, blocks.ctypes.data, 0, rows, columns, None)
    return blocks


class Model:
    """A GGUF file that llama.cpp has read."""

    def __init__(self, path, vocabulary_only=False, loud=False):
        self.ffi = _cffi_bindings.get_ffi()
        self.library = self.ffi.dlopen(str(LIBRARY))
        if not loud:
            self.silence = self.ffi.callback("ggml_log_callback", lambda level, text, data: None)
            self.library.llama_log_set(self.silence, self.ffi.NULL)
        parameters = self.library.llama_model_default_params()
        parameters.n_gpu_layers = 0
        parameters.use_extra_bufts = False
        parameters.vocab_only = vocabulary_only
        self.model = self.library.llama_model_load_from_file(str(path).encode(), parameters)
        if self.model == self.ffi.NULL:
            raise SystemExit(f"{path}: llama.cpp does not read this file.")
        self.vocabulary = self.library.llama_model_get_vocab(self.model)
        self.size = self.library.llama_vocab_n_tokens(self.vocabulary)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.llama_model_free(self.model)

    def tokens(self, text, special=False, bos=False):
        """The token ids of a text; with `special`, the names of control tokens become these."""
        data = text.encode()
        room = len(data) + 16
        ids = self.ffi.new("llama_token[]", room)
        count = self.library.llama_tokenize(
            self.vocabulary, data, len(data), ids, room, bos, special)
        return list(ids[0:count])

    def text(self, ids):
        """The bytes that token ids stand for."""
        pieces = b""
        buffer = self.ffi.new("char[]", 1024)
        for token in ids:
            count = self.library.llama_token_to_piece(self.vocabulary, token, buffer, 1024, 0, True)
            pieces += self.ffi.buffer(buffer, max(count, 0))[:]
        return pieces

    @property
    def adds_bos(self):
        """Whether texts begin with the BOS token, as the file or its vocabulary has it."""
        return bool(self.library.llama_vocab_get_add_bos(self.vocabulary))

    @property
    def bos(self):
        """The BOS token's id."""
        return self.library.llama_vocab_bos(self.vocabulary)

    def ends(self, token):
        """Whether a token ends an answer."""
        return bool(self.library.llama_vocab_is_eog(self.vocabulary, token))

    def context(self, size, threads=1, batch=512):
        """A context of `size` positions: what a context is rounded up to is a multiple of 256."""
        return Context(self, size, threads, batch)


class Context:
    """What llama.cpp has read of one text."""

    def __init__(self, model, size, threads, batch):
        self.model, self.library, self.ffi = model, model.library, model.ffi
        parameters = self.library.llama_context_default_params()
        if (parameters.n_ctx, parameters.type_k, parameters.type_v) != (512, F16, F16):
            raise SystemExit("The declarations are not those of this llama.cpp; see above.")
        parameters.n_ctx = size
        parameters.n_batch = parameters.n_ubatch = min(size, batch)
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.flash_attn_type = self.library.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.type_k = parameters.type_v = F32
        parameters.swa_full = True
        self.context = self.library.llama_init_from_model(model.model, parameters)
        if self.context == self.ffi.NULL:
            raise SystemExit("llama.cpp makes no context for this model.")
        self.size = size
        self.batch = self.library.llama_batch_init(parameters.n_batch, 0, 1)
        self.position = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.llama_batch_free(self.batch)
        self.library.llama_free(self.context)

    def clear(self):
        """Forgets the text."""
        self.library.llama_memory_clear(self.library.llama_get_memory(self.context), True)
        self.position = 0

    def logits(self, ids, first=0):
        """Reads tokens and gives the logits after each of them from the place `first` on."""
        for place, token in enumerate(ids):
            self.batch.token[place] = token
            self.batch.pos[place] = self.position + place
            self.batch.n_seq_id[place] = 1
            self.batch.seq_id[place][0] = 0
            self.batch.logits[place] = place >= first
        self.batch.n_tokens = len(ids)
        if self.library.llama_decode(self.context, self.batch) != 0:
            raise SystemExit("llama.cpp could not read the tokens.")
        self.position += len(ids)
        shape = (len(ids) - first, self.model.size)
        numbers = self.library.llama_get_logits_ith(self.context, first)
        data = self.ffi.buffer(numbers, 4 * shape[0] * shape[1])
        return np.frombuffer(data, dtype=np.float32).reshape(shape).copy()
