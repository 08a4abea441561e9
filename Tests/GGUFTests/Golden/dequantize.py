"""Writes dequantize.json: random blocks of each tensor type and their numbers as the gguf package gives them.

python3 -m pip install gguf==0.19.0 numpy && python3 dequantize.py
"""

import json
import pathlib

import gguf
import numpy

# Places of the half-precision numbers in a block; their top exponent bit is cleared, so that all are finite.
SCALES = {
    "F16": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "BF16": [],
}

random = numpy.random.default_rng(20)
rows = []
for name, scales in SCALES.items():
    type = gguf.GGMLQuantizationType[name]
    size, length = gguf.GGML_QUANT_SIZES[type]
    blocks = random.integers(0, 256, (1 if size == 256 else 32 if size == 1 else 2, length), dtype=numpy.uint8)
    for place in scales:
        blocks[:, place + 1] &= 0xBF
    if name == "BF16":
        blocks[:, 1] &= 0xBF
    values = gguf.quants.dequantize(blocks.reshape(-1), type).reshape(-1).astype(numpy.float32)
    rows.append({"type": name, "bytes": blocks.tobytes().hex(), "values": [float(v) for v in values]})
here = pathlib.Path(__file__).parent
here.joinpath("dequantize.json").write_text("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
