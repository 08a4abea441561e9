// Techniques: to be filled.
