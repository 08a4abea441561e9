"""Writes dequantize.json: blocks of each tensor type and their numbers as the gguf package gives them.

python3 -m pip install gguf==0.19.0 numpy && python3 dequantize.py

Random blocks, and blocks of random codes whose scales are what a file may hold at worst: zero, the least and the
largest subnormal number, the largest number, and each of these negative. Bytes and numbers are in base 64, the
numbers as float32 of the lowest byte first.
"""

import base64
import json
import pathlib

import gguf
import numpy

# Places of the half-precision numbers in a block; their top exponent bit is cleared, so that all are finite.
SCALES = {
    "F16": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82],
    "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0], "BF16": [],
    "MXFP4": [],
}
HOSTILE = [0x0001, 0x7BFF, 0x8000, 0xFBFF, 0x0000, 0x03FF, 0x8001, 0x83FF]
# MXFP4 has a byte: the two least are subnormal numbers, from 253 on the largest code is infinite.
HOSTILE_BYTES = [0, 1, 2, 127, 252, 253, 254, 255]

random = numpy.random.default_rng(20)


def blocks_of(name):
    size, length = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    count = 1 if size == 256 else 32 if size == 1 else 2
    hostile = 0 if name in ("F16", "BF16") else 4 if size == 256 else 8
    blocks = random.integers(0, 256, (count + hostile, length), dtype=numpy.uint8)
    for place in SCALES[name] if name != "BF16" else [0]:
        blocks[:, place + 1] &= 0xBF
    for index in range(hostile):
        for turn, place in enumerate(SCALES[name]):
            half = HOSTILE[(index + 3 * turn) % len(HOSTILE)]
            blocks[count + index, place:place + 2] = half & 255, half >> 8
        if name == "MXFP4":
            blocks[count + index, 0] = HOSTILE_BYTES[index]
    return blocks


rows = []
for name in SCALES:
    blocks = blocks_of(name)
    with numpy.errstate(over="ignore"):
        values = gguf.quants.dequantize(blocks.reshape(-1), gguf.GGMLQuantizationType[name])
    values = values.reshape(-1).astype("<f4")
    rows.append({
        "type": name, "bytes": base64.b64encode(blocks.tobytes()).decode(),
        "values": base64.b64encode(values.tobytes()).decode()})
here = pathlib.Path(__file__).parent
here.joinpath("dequantize.json").write_text("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
