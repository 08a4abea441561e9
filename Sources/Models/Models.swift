// Models: to be filled.
