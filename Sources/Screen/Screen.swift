// Screen: to be filled.
