-- Distances of an attacked picture that `scores` has no column for. Since version 2.
CREATE TABLE IF NOT EXISTS distances(
  run INTEGER NOT NULL REFERENCES runs(id),
  model INTEGER NOT NULL REFERENCES models(id),
  image INTEGER NOT NULL REFERENCES images(id),
  attack TEXT NOT NULL,
  attack_options TEXT NOT NULL,
  level TEXT NOT NULL,
  surrogate TEXT NOT NULL,
  distance TEXT NOT NULL,
  value REAL,
  PRIMARY KEY(run, model, image, attack, attack_options, level, surrogate, distance)
) WITHOUT ROWID;
