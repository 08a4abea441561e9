// Tokenization: to be filled.
