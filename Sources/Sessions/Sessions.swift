// Sessions: to be filled.
