// Transformer: to be filled.
