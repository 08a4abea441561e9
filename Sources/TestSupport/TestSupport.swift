// seeded models and generators for tests
