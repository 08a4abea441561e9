// Inference: to be filled.
